package io.github.sherl4j.nd;

import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Operations on grids with their channels first, [batch, channels, height, width], as Deeplearning4j keeps them. Results are
 * overwritten and must not be inputs, unless said otherwise; inputs are not modified.
 */
public final class ChannelsFirst {
    private static final double[] NO_REALS = {};
    private static final double[] PAD_WITH_ZERO = {0};
    /** Results are few if they are less than 1.5 times as many as channels: measured. */
    private static final long FEW_CELLS = 2;

    private static final long MANY_CHANNELS = 3;
    /** In the backward pass cells are few if they are less than a seventh of the channels: measured. */
    private static final long FEW_CELLS_BACKWARD = 7;

    private static final long[] SCALE_AND_SHIFT = {1, 1, 1};

    private ChannelsFirst() {}

    /**
     * How a convolution's window moves.
     *
     * @param same whether the grid is padded so that its size is divided by the stride alone; the paddings are not looked at then
     */
    public record Geometry(
            int kernelHeight,
            int kernelWidth,
            int strideHeight,
            int strideWidth,
            int padHeight,
            int padWidth,
            int dilationHeight,
            int dilationWidth,
            boolean same) {
        /** Height and width of the result for those of the input. */
        public long[] outputSize(long height, long width) {
            return new long[] {
                size(height, kernelHeight, strideHeight, padHeight, dilationHeight),
                size(width, kernelWidth, strideWidth, padWidth, dilationWidth)
            };
        }

        private long size(long input, int kernel, int stride, int pad, int dilation) {
            if (same) {
                return (input + stride - 1) / stride;
            }
            long window = (kernel - 1L) * dilation + 1;
            Check.argument(
                    input + 2L * pad >= window,
                    "A convolution's window of %s does not fit into a grid of %s padded by %s",
                    window,
                    input,
                    pad);
            return (input + 2L * pad - window) / stride + 1;
        }

        /** Whether each result depends on one cell alone. */
        private boolean pointwise() {
            return kernelHeight == 1 && kernelWidth == 1 && (same || (padHeight == 0 && padWidth == 0));
        }

        /** Cells of padding before the first one, or -1 if there is one more behind the last. */
        private int padBefore(long input, long result, int kernel, int stride, int pad, int dilation) {
            if (!same) {
                return pad;
            }
            long total = Math.max(0, (result - 1) * stride + (kernel - 1L) * dilation + 1 - input);
            return total % 2 == 0 ? (int) total / 2 : -1;
        }

        /** Arguments of the operation that writes every window of a grid as a column, or null if the padding is lopsided. */
        private long @Nullable [] columns(INDArray x, INDArray result) {
            int top = padBefore(x.size(2), result.size(2), kernelHeight, strideHeight, padHeight, dilationHeight);
            int left = padBefore(x.size(3), result.size(3), kernelWidth, strideWidth, padWidth, dilationWidth);
            return top < 0 || left < 0
                    ? null
                    : new long[] {
                        kernelHeight,
                        kernelWidth,
                        strideHeight,
                        strideWidth,
                        top,
                        left,
                        dilationHeight,
                        dilationWidth,
                        0
                    };
        }

        private boolean dense() {
            return strideHeight == 1 && strideWidth == 1;
        }

        /** What the same window does to gradients, where that is a convolution, or null. */
        private @Nullable Geometry reversed() {
            int height = (kernelHeight - 1) * dilationHeight;
            int width = (kernelWidth - 1) * dilationWidth;
            boolean symmetric = !same || (height % 2 == 0 && width % 2 == 0);
            boolean inside = padHeight <= height && padWidth <= width;
            if (!dense() || !symmetric || (!same && !inside)) {
                return null;
            }
            return new Geometry(
                    kernelHeight,
                    kernelWidth,
                    1,
                    1,
                    same ? 0 : height - padHeight,
                    same ? 0 : width - padWidth,
                    dilationHeight,
                    dilationWidth,
                    same);
        }

        private long[] arguments() {
            return new long[] {
                kernelHeight,
                kernelWidth,
                strideHeight,
                strideWidth,
                same ? 0 : padHeight,
                same ? 0 : padWidth,
                dilationHeight,
                dilationWidth,
                same ? 1 : 0,
                0, // channels first
                1 // weights [out, in, height, width]
            };
        }
    }

    /**
     * A convolution. The native one brings the weights into an order of its own each time, which takes longer than all the
     * rest where grids are small; there, and for windows of one cell, products are many times faster.
     *
     * @param x [batch, in, height, width]
     * @param weight [out, in, kernel height, kernel width]
     * @param bias [1, out], or null for none
     * @param result [batch, out, ...] as {@link Geometry#outputSize} says
     */
    public static void convolution(
            Memory memory, INDArray x, INDArray weight, @Nullable INDArray bias, Geometry geometry, INDArray result) {
        boolean pointwise = geometry.pointwise();
        long cells = result.size(0) * result.size(2) * result.size(3);
        long[] columns =
                pointwise || FEW_CELLS * cells < weight.size(0) * MANY_CHANNELS ? geometry.columns(x, result) : null;
        if (pointwise && geometry.dense()) {
            product(memory, x, weight, bias, result);
        } else if (columns != null) {
            try (Arena.Scope scope = memory.scratch().scope()) {
                INDArray windows = memory.scratch()
                        .array(
                                x.size(0),
                                x.size(1),
                                geometry.kernelHeight,
                                geometry.kernelWidth,
                                result.size(2),
                                result.size(3));
                memory.ops().launcher().launch("im2col", columns, PAD_WITH_ZERO, x, windows);
                product(memory, windows, weight, bias, result);
            }
        } else if (bias == null) {
            memory.ops().launcher().launch("conv2d", geometry.arguments(), NO_REALS, x, weight, result);
        } else {
            memory.ops().launcher().launch("conv2d", geometry.arguments(), NO_REALS, x, weight, bias, result);
        }
    }

    /** A product for each example: x [batch, in, kernel..., cells...], result [batch, out, cells...]. */
    private static void product(Memory memory, INDArray x, INDArray weight, @Nullable INDArray bias, INDArray result) {
        long batch = result.size(0);
        long out = weight.size(0);
        long window = weight.length() / out;
        long cells = result.size(2) * result.size(3);
        INDArray matrix = memory.reshape(weight, out, window);
        INDArray column = bias == null ? null : memory.reshape(bias, out, 1);
        for (long i = 0; i < batch; i++) {
            INDArray own = memory.reshape(memory.slices(result, i, i + 1), out, cells);
            memory.ops().product(matrix, memory.reshape(memory.slices(x, i, i + 1), window, cells), own);
            if (column != null) {
                memory.ops().add(own, column, own);
            }
        }
    }

    /**
     * The gradient of a convolution with respect to its input, and of nothing else. Where a window moves by one it is a
     * convolution with turned weights, which for all but small grids is many times faster than ND4J's operation for any
     * window.
     *
     * @param weight as in {@link #convolution}
     * @param swapped the weight as [in, out, kernel height, kernel width], over the same memory
     * @param gradOutput in the shape of the result
     * @param gradInput in the shape of the input
     */
    public static void convolutionInputGradient(
            Memory memory,
            INDArray weight,
            INDArray swapped,
            INDArray gradOutput,
            Geometry geometry,
            INDArray gradInput) {
        Geometry reversed = geometry.reversed();
        long cells = gradInput.size(0) * gradInput.size(2) * gradInput.size(3);
        if (geometry.pointwise() && geometry.dense()) {
            pointwiseGradient(memory, weight, gradOutput, gradInput);
        } else if (reversed != null && FEW_CELLS_BACKWARD * cells > weight.size(0)) {
            try (Arena.Scope scope = memory.scratch().scope()) {
                INDArray turned = memory.scratch().array(swapped.shape());
                turn(memory, swapped, turned);
                convolution(memory, gradOutput, turned, null, reversed, gradInput);
            }
        } else {
            INDArray shape = memory.ops().shape(gradInput.shape());
            memory.ops()
                    .launcher()
                    .launch("conv2d_input_bp", geometry.arguments(), NO_REALS, shape, weight, gradOutput, gradInput);
        }
    }

    /** Turns each window [height, width] of the last two dimensions upside down. ND4J's own operation is fifty times slower. */
    private static void turn(Memory memory, INDArray windows, INDArray result) {
        INDArray from = memory.permute(windows, 2, 3, 0, 1);
        INDArray to = memory.permute(result, 2, 3, 0, 1);
        long height = from.size(0);
        long width = from.size(1);
        for (long y = 0; y < height; y++) {
            INDArray row = memory.permute(memory.slices(from, y, y + 1), 1, 0, 2, 3);
            INDArray turnedRow = memory.permute(memory.slices(to, height - 1 - y, height - y), 1, 0, 2, 3);
            for (long x = 0; x < width; x++) {
                memory.ops().copy(memory.slices(row, x, x + 1), memory.slices(turnedRow, width - 1 - x, width - x));
            }
        }
    }

    /** A window of one cell: a product for each example. */
    private static void pointwiseGradient(Memory memory, INDArray weight, INDArray gradOutput, INDArray gradInput) {
        long batch = gradOutput.size(0);
        long out = weight.size(0);
        long in = weight.size(1);
        long cells = gradOutput.size(2) * gradOutput.size(3);
        INDArray matrix = memory.reshape(weight, out, in);
        for (long i = 0; i < batch; i++) {
            INDArray gradient = memory.reshape(memory.slices(gradOutput, i, i + 1), out, cells);
            INDArray result = memory.reshape(memory.slices(gradInput, i, i + 1), in, cells);
            memory.ops().product(matrix, gradient, result, true, false, 1, 0);
        }
    }

    /**
     * {@code result = (x - mean) / sqrt(variance + eps) * scale + shift} for each channel. The result may be x.
     *
     * @param x [batch, channels] or [batch, channels, height, width]
     * @param mean [channels], like all that follow
     */
    public static void normalize(
            Memory memory,
            INDArray x,
            INDArray mean,
            INDArray variance,
            INDArray scale,
            INDArray shift,
            double eps,
            INDArray result) {
        memory.ops()
                .launcher()
                .launch("batchnorm", SCALE_AND_SHIFT, new double[] {eps}, x, mean, variance, scale, shift, result);
    }
}
