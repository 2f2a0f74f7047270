package io.github.sherl4j.data;

/**
 * How new pixels are weighed out of old ones when a picture is resized. The kernels and their arithmetic are Pillow's: when a
 * picture shrinks, the kernel is stretched by the same factor, so every old pixel counts and nothing aliases; pixels beyond
 * the border do not exist, the weights of the others are scaled to sum to 1; columns come first, then rows, each rounded to
 * 8 bits. Results are equal to those of Pillow's {@code resize}, bit for bit.
 */
public enum Interpolation {
    /** The triangle: weight {@code 1 - |x|} up to a distance of 1. */
    BILINEAR(1) {
        @Override
        double weight(double distance) {
            double x = Math.abs(distance);
            return x < 1 ? 1 - x : 0;
        }
    },

    /** The cubic convolution of Keys with {@code a = -0.5}, up to a distance of 2. */
    BICUBIC(2) {
        @Override
        double weight(double distance) {
            double x = Math.abs(distance);
            if (x < 1) {
                return ((A + 2) * x - (A + 3)) * x * x + 1;
            }
            return x < 2 ? (((x - 5) * x + 8) * x - 4) * A : 0;
        }
    };

    private static final double A = -0.5;

    private final double support;

    Interpolation(double support) {
        this.support = support;
    }

    /** The kernel at a distance from its centre, in new or old pixels, whichever are larger. */
    abstract double weight(double distance);

    /** The distance from which on the kernel is 0. */
    double support() {
        return support;
    }
}
