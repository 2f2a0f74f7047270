package io.github.sherl4j.data;

import java.util.Arrays;

/**
 * The tokens of one text or pair of texts, special tokens included, without padding. Two are equal when their numbers
 * are.
 *
 * @param ids the token ids {@code [tokens]}, at least one, none negative; kept without a copy, so not to be modified
 * @param types the segment of each token {@code [tokens]}, 0 for the first text and 1 for its pair; kept without a copy,
 *     so not to be modified
 */
// A data set holds up to millions of these: arrays of primitives are its compact form.
@SuppressWarnings("ArrayRecordComponent")
public record TokenizedText(int[] ids, int[] types) {

    /**
     * Checks the arrays.
     *
     * @throws IllegalArgumentException if there is no token, the lengths differ, or a number is negative
     */
    public TokenizedText {
        if (ids.length == 0) {
            throw new IllegalArgumentException("ids is empty: expected at least one token");
        }
        if (types.length != ids.length) {
            throw new IllegalArgumentException(
                    "types has " + types.length + " entries: expected one per token, " + ids.length);
        }
        requireNotNegative("ids", ids);
        requireNotNegative("types", types);
    }

    /**
     * Returns the number of tokens.
     *
     * @return the number of tokens, at least 1
     */
    public int length() {
        return ids.length;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TokenizedText that && Arrays.equals(ids, that.ids) && Arrays.equals(types, that.types);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(ids) + Arrays.hashCode(types);
    }

    @Override
    public String toString() {
        return "TokenizedText[ids=" + Arrays.toString(ids) + ", types=" + Arrays.toString(types) + "]";
    }

    private static void requireNotNegative(String name, int[] values) {
        for (int i = 0; i < values.length; i++) {
            if (values[i] < 0) {
                throw new IllegalArgumentException(name + "[" + i + "] is " + values[i] + ": expected 0 or more");
            }
        }
    }
}
