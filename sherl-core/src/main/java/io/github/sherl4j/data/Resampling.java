package io.github.sherl4j.data;

import java.util.Arrays;

/**
 * Resizes 8-bit pictures in two passes, columns then rows, in fixed-point arithmetic of 22 bits. Only the wanted window of the
 * new picture is computed, from the old pixels that it needs, so that a long thin picture costs no more than another.
 */
final class Resampling {
    private static final int FRACTION_BITS = 22;
    private static final int HALF = 1 << (FRACTION_BITS - 1);

    /** The weights of one direction for some new pixels in a row. */
    private static final class Taps {
        /** For each new pixel the first old one that counts. */
        final int[] first;

        /** For each new pixel the weights of the old ones from there on. */
        final int[][] weights;

        Taps(int[] first, int[][] weights) {
            this.first = first;
            this.weights = weights;
        }

        int start() {
            return first[0];
        }

        int end() {
            int last = first.length - 1;
            return first[last] + weights[last].length;
        }
    }

    private Resampling() {}

    /**
     * Resizes a region and cuts a window out of the result.
     *
     * @param pixels [height of the picture, stride, channels], not modified
     * @param stride columns of the picture
     * @param region the part of the picture that is resized; what lies outside of it does not count
     * @param width columns of the whole new picture
     * @param height rows of the whole new picture
     * @param window the part of the new picture that is wanted
     * @return [window.height, window.width, channels]
     */
    static byte[] resize(
            byte[] pixels,
            int stride,
            int channels,
            Region region,
            long width,
            long height,
            Region window,
            Interpolation interpolation) {
        Taps across = taps(region.width(), width, window.left(), window.width(), interpolation);
        Taps down = taps(region.height(), height, window.top(), window.height(), interpolation);
        int top = down.start();
        byte[] narrow = new byte[(down.end() - top) * window.width() * channels]; // [old rows, window.width, channels]
        for (int row = top; row < down.end(); row++) {
            int from = ((region.top() + row) * stride + region.left()) * channels;
            across(pixels, from, narrow, (row - top) * window.width() * channels, across, channels);
        }
        byte[] result =
                new byte[window.height() * window.width() * channels]; // [window.height, window.width, channels]
        int rowLength = window.width() * channels;
        int[] sums = new int[rowLength];
        for (int row = 0; row < window.height(); row++) {
            int from = (down.first[row] - top) * rowLength;
            down(narrow, from, result, row * rowLength, down.weights[row], sums);
        }
        return result;
    }

    private static void across(byte[] from, int fromStart, byte[] to, int toStart, Taps taps, int channels) {
        int target = toStart;
        for (int column = 0; column < taps.first.length; column++) {
            int[] weights = taps.weights[column];
            int start = fromStart + taps.first[column] * channels;
            for (int channel = 0; channel < channels; channel++) {
                int sum = HALF;
                int source = start + channel;
                for (int weight : weights) {
                    sum += (from[source] & 0xff) * weight;
                    source += channels;
                }
                to[target++] = clipped(sum);
            }
        }
    }

    private static void down(byte[] from, int fromStart, byte[] to, int toStart, int[] weights, int[] sums) {
        Arrays.fill(sums, HALF);
        int source = fromStart;
        for (int weight : weights) {
            for (int i = 0; i < sums.length; i++) {
                sums[i] += (from[source + i] & 0xff) * weight;
            }
            source += sums.length;
        }
        for (int i = 0; i < sums.length; i++) {
            to[toStart + i] = clipped(sums[i]);
        }
    }

    private static byte clipped(int sum) {
        int value = sum >> FRACTION_BITS;
        return (byte) Math.max(0, Math.min(255, value));
    }

    private static Taps taps(int oldSize, long newSize, int start, int count, Interpolation interpolation) {
        double scale = (double) oldSize / newSize;
        double stretch = Math.max(scale, 1);
        double support = interpolation.support() * stretch;
        int[] first = new int[count];
        int[][] weights = new int[count][];
        for (int i = 0; i < count; i++) {
            double center = (start + i + 0.5) * scale;
            int from = Math.max((int) (center - support + 0.5), 0);
            int to = Math.min((int) (center + support + 0.5), oldSize);
            first[i] = from;
            weights[i] = fixedPoint(from, to, center, stretch, interpolation);
        }
        return new Taps(first, weights);
    }

    private static int[] fixedPoint(int from, int to, double center, double stretch, Interpolation interpolation) {
        double[] exact = new double[to - from];
        double sum = 0;
        for (int i = 0; i < exact.length; i++) {
            exact[i] = interpolation.weight((i + from - center + 0.5) * (1 / stretch));
            sum += exact[i];
        }
        int[] weights = new int[exact.length];
        for (int i = 0; i < weights.length; i++) {
            double scaled = exact[i] / sum * (1 << FRACTION_BITS);
            weights[i] = (int) (scaled < 0 ? scaled - 0.5 : scaled + 0.5);
        }
        return weights;
    }
}
