package io.github.sherl4j.nd;

import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Operations on grids with their channels first, [batch, channels, height, width], as Deeplearning4j keeps them. Results are
 * overwritten and must not be inputs, unless said otherwise; inputs are not modified.
 */
public final class ChannelsFirst {
    private static final double[] NO_REALS = {};
    private static final long[] REVERSED = {2, 3};
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

        private boolean pointwise() {
            return kernelHeight == 1 && kernelWidth == 1 && dense() && (same || (padHeight == 0 && padWidth == 0));
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
     * A convolution.
     *
     * @param x [batch, in, height, width]
     * @param weight [out, in, kernel height, kernel width]
     * @param bias [1, out], or null for none
     * @param result [batch, out, ...] as {@link Geometry#outputSize} says
     */
    public static void convolution(
            Memory memory, INDArray x, INDArray weight, @Nullable INDArray bias, Geometry geometry, INDArray result) {
        Launcher launcher = memory.ops().launcher();
        if (bias == null) {
            launcher.launch("conv2d", geometry.arguments(), NO_REALS, x, weight, result);
        } else {
            launcher.launch("conv2d", geometry.arguments(), NO_REALS, x, weight, bias, result);
        }
    }

    /**
     * The gradient of a convolution with respect to its input, and of nothing else. A window that moves by one is a
     * convolution with reversed weights, which is many times faster than ND4J's operation for any window.
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
        if (geometry.pointwise()) {
            pointwiseGradient(memory, weight, gradOutput, gradInput);
        } else if (reversed != null) {
            try (Arena.Scope scope = memory.scratch().scope()) {
                INDArray turned = memory.scratch().array(swapped.shape());
                memory.ops().launcher().launch("reverse", REVERSED, NO_REALS, swapped, turned);
                convolution(memory, gradOutput, turned, null, reversed, gradInput);
            }
        } else {
            INDArray shape = memory.ops().shape(gradInput.shape());
            memory.ops()
                    .launcher()
                    .launch("conv2d_input_bp", geometry.arguments(), NO_REALS, shape, weight, gradOutput, gradInput);
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
