package io.github.sherl4j.layer;

import io.github.sherl4j.nd.Check;
import java.util.Arrays;

/**
 * A window that slides over the pixels of [batch, height, width, channels].
 *
 * @param kernel edge length of the window; 0 for all pixels of the picture
 * @param stride pixels from one window to the next
 * @param padding rows and columns added on each side
 */
record PoolWindow(int kernel, int stride, int padding) {
    /** A window over the whole picture. */
    static final PoolWindow GLOBAL = new PoolWindow(0, 1, 0);

    PoolWindow {
        Check.argument(kernel >= 0, "kernel must be positive, but is %s", kernel);
        Check.argument(stride > 0, "stride must be positive, but is %s", stride);
        Check.argument(
                padding >= 0 && (padding == 0 || 2 * padding <= kernel),
                "padding must be from 0 to half the kernel of %s, but is %s",
                kernel,
                padding);
    }

    static PoolWindow of(int kernel, int stride, int padding) {
        Check.argument(kernel > 0, "kernel must be positive, but is %s", kernel);
        return new PoolWindow(kernel, stride, padding);
    }

    /** Shape of the result; a window that would leave the padded picture is left out. */
    long[] outputShape(long... inputShape) {
        Check.argument(
                inputShape.length == 4,
                "input must be [batch, height, width, channels], but has shape %s",
                Arrays.toString(inputShape));
        return new long[] {inputShape[0], windows(inputShape[1]), windows(inputShape[2]), inputShape[3]};
    }

    private long windows(long size) {
        if (kernel == 0) {
            return 1;
        }
        long room = size + 2L * padding - kernel;
        Check.argument(
                room >= 0, "input must have at least %s pixels each way, but has %s", kernel - 2 * padding, size);
        return room / stride + 1;
    }

    /** The numbers that tell the native operation of this window over a picture of this shape. */
    long[] geometry(long... inputShape) {
        long height = kernel == 0 ? inputShape[1] : kernel;
        long width = kernel == 0 ? inputShape[2] : kernel;
        return new long[] {height, width, stride, stride, padding, padding};
    }
}
