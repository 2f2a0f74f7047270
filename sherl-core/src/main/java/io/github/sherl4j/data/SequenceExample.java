package io.github.sherl4j.data;

/**
 * A text and what it is to be turned into.
 *
 * @param source the text, not blank
 * @param target the other text, not blank
 */
public record SequenceExample(String source, String target) {
    /**
     * Checks both.
     *
     * @throws IllegalArgumentException if one of them is blank
     */
    public SequenceExample {
        TextExample.requireNotBlank("source", source);
        TextExample.requireNotBlank("target", target);
    }
}
