package io.github.sherl4j.nd;

import java.util.Arrays;
import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Weighted sums of sorted numbers. With x^(k) the k-th largest of an example's first numbers in a channel, of which as many
 * count as the example has weights,
 *
 * <pre>
 * y[n, c] = sum_k weights[n][k] x^(k)[n, c]
 * </pre>
 *
 * <p>Sorting is done on the host, channel by channel, since ND4J has no operation that sorts and tells the order. Neither the
 * sorted numbers nor their order are ever stored: the backward pass sorts again, which is cheaper than to keep a second array
 * as large as the input. Equal numbers stand in the order of their tokens.
 */
public final class RankedSum {
    private static final int CHANNELS_AT_ONCE = 64;

    private RankedSum() {}

    /**
     * Computes the sums.
     *
     * @param x [batch, tokens, width], not modified
     * @param weights [batch][], at most as many as tokens each; not modified
     * @param result [batch, width], overwritten
     */
    public static void apply(Memory memory, INDArray x, double[][] weights, INDArray result) {
        int width = (int) x.size(2);
        INDArray sums = memory.hostArray(x.size(0), width);
        DataBuffer target = sums.data();
        for (int n = 0; n < weights.length; n++) {
            int example = n;
            double[] ofExample = weights[n];
            eachChunk(width, (from, to) -> {
                Column column = new Column(x, example, ofExample.length);
                for (int channel = from; channel < to; channel++) {
                    column.sort(channel);
                    double sum = 0;
                    for (int k = 0; k < ofExample.length; k++) {
                        sum += ofExample[k] * column.values[column.order[k]];
                    }
                    target.put((long) example * width + channel, sum);
                }
            });
        }
        memory.ops().copy(sums, result);
    }

    /**
     * Gradients with respect to numbers and weights.
     *
     * @param x [batch, tokens, width] as in the forward pass, not modified
     * @param weights [batch][] as in the forward pass, not modified
     * @param gradResult [batch, width], not modified
     * @param gradX [batch, tokens, width], overwritten; 0 for tokens that do not count
     * @return [batch][], the gradients of the weights
     */
    public static double[][] gradient(
            Memory memory, INDArray x, double[][] weights, INDArray gradResult, INDArray gradX) {
        int tokens = (int) x.size(1);
        int width = (int) x.size(2);
        INDArray block = memory.hostArray(1, tokens, width); // one example, so that the host needs little memory
        DataBuffer target = block.data();
        DataBuffer gradient = gradResult.data();
        double[][] gradWeights = new double[weights.length][];
        for (int n = 0; n < weights.length; n++) {
            int example = n;
            double[] ofExample = weights[n];
            double[][] byChunk = new double[chunks(width)][ofExample.length];
            eachChunk(width, (from, to) -> {
                Column column = new Column(x, example, ofExample.length);
                double[] sums = byChunk[from / CHANNELS_AT_ONCE];
                for (int channel = from; channel < to; channel++) {
                    column.sort(channel);
                    double g = gradient.getDouble(
                            (long) example * gradResult.stride(0) + (long) channel * gradResult.stride(1));
                    for (int k = 0; k < ofExample.length; k++) {
                        int token = column.order[k];
                        sums[k] += g * column.values[token];
                        target.put((long) token * width + channel, g * ofExample[k]);
                    }
                    for (int token = ofExample.length; token < tokens; token++) {
                        target.put((long) token * width + channel, 0.0);
                    }
                }
            });
            gradWeights[n] = new double[ofExample.length];
            for (double[] sums : byChunk) {
                Arrays.setAll(gradWeights[n], k -> gradWeights[example][k] + sums[k]);
            }
            memory.ops().copy(block, memory.slices(gradX, n, n + 1L));
        }
        return gradWeights;
    }

    /** Work on some channels. */
    private interface Chunk {
        void work(int from, int to);
    }

    private static int chunks(int width) {
        return (width + CHANNELS_AT_ONCE - 1) / CHANNELS_AT_ONCE;
    }

    /** On all processors: chunks are the same everywhere and share nothing, so results do not depend on the number of threads. */
    private static void eachChunk(int width, Chunk chunk) {
        InParallel.forEach(
                chunks(width), i -> chunk.work(i * CHANNELS_AT_ONCE, Math.min(width, (i + 1) * CHANNELS_AT_ONCE)));
    }

    /** One channel of one example, and the order of its numbers, the largest first. */
    private static final class Column {
        final double[] values;
        int[] order;
        private int[] merged;
        private final DataBuffer source;
        private final long start;
        private final long tokenStride;
        private final long channelStride;

        Column(INDArray x, int example, int length) {
            values = new double[length];
            order = new int[length];
            merged = new int[length];
            source = x.data();
            start = (long) example * x.stride(0);
            tokenStride = x.stride(1);
            channelStride = x.stride(2);
        }

        void sort(int channel) {
            int length = values.length;
            for (int token = 0; token < length; token++) {
                values[token] = source.getDouble(start + token * tokenStride + channel * channelStride);
                order[token] = token;
            }
            for (int run = 1; run < length; run *= 2) {
                for (int from = 0; from < length; from += 2 * run) {
                    merge(from, Math.min(from + run, length), Math.min(from + 2 * run, length));
                }
                int[] last = order;
                order = merged;
                merged = last;
            }
        }

        private void merge(int from, int middle, int to) {
            int left = from;
            int right = middle;
            for (int k = from; k < to; k++) {
                boolean takeLeft = right == to || (left < middle && !(values[order[left]] < values[order[right]]));
                merged[k] = takeLeft ? order[left++] : order[right++];
            }
        }
    }
}
