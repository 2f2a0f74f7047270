package io.github.sherl4j.data;

import io.github.sherl4j.nd.Check;

/**
 * A box in a picture, in shares of the picture's width and height, as DETR has them.
 *
 * @param x its centre, from the left
 * @param y its centre, from above
 */
public record Box(double x, double y, double width, double height) {
    private static final double ROUNDING = 1e-6;

    /** Checks that it has an area and is inside of the picture. */
    public Box {
        Check.argument(width > 0 && height > 0, "a box must have an area, but is %s wide and %s high", width, height);
        Check.argument(
                x - width / 2 >= -ROUNDING
                        && y - height / 2 >= -ROUNDING
                        && x + width / 2 <= 1 + ROUNDING
                        && y + height / 2 <= 1 + ROUNDING,
                "a box must be inside of its picture, but reaches from (%s, %s) to (%s, %s) of (1, 1)",
                x - width / 2,
                y - height / 2,
                x + width / 2,
                y + height / 2);
    }

    /** From pixels: left and upper edge, width and height, as COCO has them. */
    public static Box ofPixels(
            double left, double top, double width, double height, double pictureWidth, double pictureHeight) {
        Check.argument(width > 0 && height > 0, "a box must have an area, but is %s x %s pixels", width, height);
        Check.argument(
                left >= 0 && top >= 0 && left + width <= pictureWidth && top + height <= pictureHeight,
                "a box must be inside of its picture of %s x %s pixels, but reaches from (%s, %s) to (%s, %s)",
                pictureWidth,
                pictureHeight,
                left,
                top,
                left + width,
                top + height);
        return new Box(
                (left + width / 2) / pictureWidth,
                (top + height / 2) / pictureHeight,
                width / pictureWidth,
                height / pictureHeight);
    }

    /** Left, upper, right and lower edge in pixels of a picture. */
    public double[] pixels(double pictureWidth, double pictureHeight) {
        return new double[] {
            (x - width / 2) * pictureWidth,
            (y - height / 2) * pictureHeight,
            (x + width / 2) * pictureWidth,
            (y + height / 2) * pictureHeight
        };
    }

    /** Centre, width and height. */
    public double[] numbers() {
        return new double[] {x, y, width, height};
    }
}
