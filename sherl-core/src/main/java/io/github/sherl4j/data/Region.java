package io.github.sherl4j.data;

import io.github.sherl4j.nd.Check;

/**
 * A rectangle of a picture, in whole pixels.
 *
 * @param left the first column, at least 0
 * @param top the first row, at least 0
 * @param width columns, at least 1
 * @param height rows, at least 1
 */
public record Region(int left, int top, int width, int height) {
    /** Checks that the rectangle is not empty. */
    public Region {
        Check.argument(
                left >= 0 && top >= 0 && width >= 1 && height >= 1,
                "a region must start at 0 or later and hold a pixel, but is %s x %s at (%s, %s)",
                width,
                height,
                left,
                top);
    }

    /** Whether a picture of that size has all of its pixels. */
    boolean isInside(long pictureWidth, long pictureHeight) {
        return (long) left + width <= pictureWidth && (long) top + height <= pictureHeight;
    }
}
