package io.github.sherl4j.barlow.view;

/**
 * Gaussian blur as Pillow does it: three box blurs in each direction, whose boxes end in a fraction of a pixel so that their
 * variances add up to the Gaussian's (Gwosdek, Grewenig, Bruhn and Weickert, "Theoretical foundations of Gaussian convolution
 * by extended box filtering", 2011). Pixels beyond the border repeat the outermost one. The cost does not depend on sigma.
 */
final class GaussianBlur {
    private static final int PASSES = 3;
    private static final int CHANNELS = 3;
    private static final int FRACTION_BITS = 24;
    private static final int HALF = 1 << (FRACTION_BITS - 1);

    private GaussianBlur() {}

    /**
     * Blurs in place.
     *
     * @param rgb [height, width, 3]
     */
    static void blur(byte[] rgb, int width, int height, float sigma) {
        float radius = boxRadius(sigma);
        if (radius == 0) {
            return;
        }
        int longest = Math.max(width, height);
        int[] line = new int[longest];
        int[] blurred = new int[longest];
        for (int channel = 0; channel < CHANNELS; channel++) {
            for (int y = 0; y < height; y++) {
                lines(rgb, y * width * CHANNELS + channel, CHANNELS, width, radius, line, blurred);
            }
            for (int x = 0; x < width; x++) {
                lines(rgb, x * CHANNELS + channel, width * CHANNELS, height, radius, line, blurred);
            }
        }
    }

    /** The radius of each of the boxes, with its fraction. */
    static float boxRadius(float sigma) {
        float variance = sigma * sigma / PASSES;
        float length = (float) Math.sqrt(12.0 * variance + 1.0);
        float whole = (float) Math.floor((length - 1.0) / 2.0);
        float fraction = (2 * whole + 1) * (whole * (whole + 1) - 3 * variance);
        fraction /= 6 * (variance - (whole + 1) * (whole + 1));
        return whole + fraction;
    }

    private static void lines(byte[] rgb, int start, int stride, int count, float radius, int[] line, int[] blurred) {
        for (int i = 0; i < count; i++) {
            line[i] = rgb[start + i * stride] & 0xff;
        }
        int[] from = line;
        int[] to = blurred;
        for (int pass = 0; pass < PASSES; pass++) {
            box(from, to, count, radius);
            int[] swapped = from;
            from = to;
            to = swapped;
        }
        for (int i = 0; i < count; i++) {
            rgb[start + i * stride] = (byte) from[i];
        }
    }

    /** One box blur in fixed-point arithmetic of 24 bits: the sum moves along, the two outer pixels count by the fraction. */
    private static void box(int[] from, int[] to, int count, float floatRadius) {
        int radius = (int) floatRadius;
        int weight = (int) ((1 << FRACTION_BITS) / (floatRadius * 2 + 1));
        int outerWeight = ((1 << FRACTION_BITS) - (radius * 2 + 1) * weight) / 2;
        int last = count - 1;
        int sum = 0;
        for (int i = -radius; i <= radius; i++) {
            sum += from[clamped(i, last)];
        }
        for (int i = 0; i < count; i++) {
            int before = from[clamped(i - radius - 1, last)];
            int after = from[clamped(i + radius + 1, last)];
            to[i] = (sum * weight + (before + after) * outerWeight + HALF) >>> FRACTION_BITS;
            sum += after - from[clamped(i - radius, last)];
        }
    }

    private static int clamped(int index, int last) {
        return Math.max(0, Math.min(last, index));
    }
}
