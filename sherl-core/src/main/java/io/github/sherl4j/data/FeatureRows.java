package io.github.sherl4j.data;

import io.github.sherl4j.nd.Check;

/**
 * What a network for pictures said of one picture: a vector for each of its regions or grid cells.
 *
 * @param width length of a vector
 * @param values [rows, width], row by row, at least one row; kept without a copy, so not to be modified
 */
@SuppressWarnings("ArrayRecordComponent") // a data set holds many of these
public record FeatureRows(int width, float[] values) {
    /** Checks the sizes. */
    public FeatureRows {
        Check.argument(width > 0, "width must be positive, but is %s", width);
        Check.argument(
                values.length > 0 && values.length % width == 0,
                "values must be one or more rows of %s numbers, but are %s numbers",
                width,
                values.length);
    }

    /** Number of vectors. */
    public int rows() {
        return values.length / width;
    }
}
