package io.github.sherl4j.examples;

import java.util.List;
import java.util.stream.Stream;

/**
 * What is known of one emoji picture.
 *
 * @param cell where the picture stands in the sheet, counted along the rows from 0
 * @param code its characters in hexadecimal, joined by hyphens
 * @param name its name in words, which no other emoji has
 * @param keywords further words or short phrases for it, none equal to the name; may be empty
 * @param category one of ten
 * @param subcategory one of 99, each of a single category
 * @param base the code that all its variants share: genders, directions, families, drawings that are the same
 * @param heldOut whether it is for testing; all emoji of one base are on the same side
 */
record Emoji(
        int cell,
        String code,
        String name,
        List<String> keywords,
        String category,
        String subcategory,
        String base,
        boolean heldOut) {
    Emoji {
        keywords = List.copyOf(keywords);
        if (Stream.of(code, name, category, subcategory, base).anyMatch(String::isBlank)
                || keywords.stream().anyMatch(String::isBlank)) {
            throw new IllegalArgumentException("cell " + cell + ": expected no blank field and no blank keyword");
        }
    }

    /** Everything that may describe the picture: the name, then the keywords. */
    List<String> captions() {
        return Stream.concat(Stream.of(name), keywords.stream()).toList();
    }
}
