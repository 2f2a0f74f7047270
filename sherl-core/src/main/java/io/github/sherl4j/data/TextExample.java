package io.github.sherl4j.data;

import org.jspecify.annotations.Nullable;

/**
 * One text, or a pair of texts such as question and answer, with or without a label.
 *
 * @param text the text, not blank
 * @param pair the second text, not blank, or null where there is none
 * @param label the name of the class, not blank, or null where it is not known
 */
public record TextExample(
        String text, @Nullable String pair, @Nullable String label) {

    /**
     * Checks the parts.
     *
     * @throws IllegalArgumentException if one of them is blank
     */
    public TextExample {
        requireNotBlank("text", text);
        if (pair != null) {
            requireNotBlank("pair", pair);
        }
        if (label != null) {
            requireNotBlank("label", label);
        }
    }

    static void requireNotBlank(String name, String value) {
        if (value.isBlank()) {
            throw new IllegalArgumentException(name + " is blank: expected at least one visible character");
        }
    }
}
