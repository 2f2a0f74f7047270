package io.github.sherl4j.nd;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Two-dimensional convolution (cross-correlation, as in all networks) of pictures with their channels last:
 * {@code y[n, i, j] = sum_{a, b} W[:, :, a, b] x[n, stride i + a - padding, stride j + b - padding] + bias}, with zeros outside
 * of the picture.
 *
 * <p>Each direction takes the way that was measured to be the fastest: a 1x1 convolution is a product of the rows that it reads; others are the
 * native operation on channels-last pixels, its transposed sibling for the gradient of the input, and products with
 * unfolded pictures, a few pictures at a time, for the gradient of the weights and where results have few pixels.
 *
 * @param height rows of the kernel
 * @param width columns of the kernel
 * @param stride pixels from one place of the kernel to the next
 * @param padding rows and columns of zeros on each side
 */
public record Convolution(int height, int width, int stride, int padding) {
    /** Results of so few pixels are faster as products: the native operation works through a picture at a time. */
    private static final long FEW_PIXELS = 16;
    /** Numbers of unfolded pictures, or of uncropped gradients, at once. */
    private static final long AT_ONCE = 1 << 20;

    /** Checks the numbers. */
    public Convolution {
        Check.argument(height > 0 && width > 0, "kernel must be positive, but is %s x %s", height, width);
        Check.argument(stride > 0, "stride must be positive, but is %s", stride);
        Check.argument(padding >= 0, "padding must be 0 or more, but is %s", padding);
    }

    /**
     * The shape of the result.
     *
     * @param inputShape [batch, height, width, channels]
     * @param channels those of the result
     */
    public long[] outputShape(long[] inputShape, long channels) {
        Check.argument(
                inputShape.length == 4,
                "input must be [batch, height, width, channels], but has shape %s",
                Arrays.toString(inputShape));
        long rows = inputShape[1] + 2L * padding - height;
        long columns = inputShape[2] + 2L * padding - width;
        Check.argument(
                rows >= 0 && columns >= 0,
                "input must have at least %s x %s pixels for this convolution, but has shape %s",
                Math.max(1, height - 2 * padding),
                Math.max(1, width - 2 * padding),
                Arrays.toString(inputShape));
        return new long[] {inputShape[0], rows / stride + 1, columns / stride + 1, channels};
    }

    /**
     * {@code result = W * x + bias}.
     *
     * @param x [batch, height, width, in] in C order, not modified
     * @param weight [out, in, kernel height, kernel width], not modified
     * @param bias [out], not modified; null for none
     * @param result {@link #outputShape}, overwritten; not x
     */
    public void forward(Memory memory, INDArray x, INDArray weight, @Nullable INDArray bias, INDArray result) {
        Ops ops = memory.ops();
        if (!isPoint() && result.size(1) * result.size(2) > FEW_PIXELS) {
            ops.convolve(x, weight, bias, geometry(padding), result);
            return;
        }
        INDArray rows = memory.rows(result);
        if (isPoint()) {
            pointProduct(memory, x, weight, result);
        } else {
            unfoldedProduct(memory, x, weight, result);
        }
        if (bias != null) {
            ops.addRow(rows, bias, rows);
        }
    }

    /**
     * The gradient with respect to the input.
     *
     * @param gradOutput [batch, rows, columns, out] in C order, not modified
     * @param weight [out, in, kernel height, kernel width], not modified
     * @param gradInput [batch, height, width, in] in C order, overwritten
     */
    public void inputGradient(Memory memory, INDArray gradOutput, INDArray weight, INDArray gradInput) {
        Ops ops = memory.ops();
        if (isProduct()) {
            ops.product(memory.rows(gradOutput), matrix(memory, weight), memory.rows(gradInput));
        } else if (isPoint()) {
            spreadProduct(memory, gradOutput, weight, gradInput);
        } else if (reach(gradOutput.size(1), height) - 2L * padding == gradInput.size(1)
                && reach(gradOutput.size(2), width) - 2L * padding == gradInput.size(2)) {
            ops.convolveTransposed(gradOutput, weight, geometry(padding), gradInput);
        } else {
            croppedGradient(memory, gradOutput, weight, gradInput);
        }
    }

    /**
     * Adds the gradient with respect to the weights.
     *
     * @param x [batch, height, width, in] in C order, not modified
     * @param gradOutput [batch, rows, columns, out] in C order, not modified
     * @param gradWeight [out, in, kernel height, kernel width] in C order, added to
     */
    public void weightGradient(Memory memory, INDArray x, INDArray gradOutput, INDArray gradWeight) {
        Ops ops = memory.ops();
        if (isProduct()) {
            ops.product(memory.rows(gradOutput), memory.rows(x), matrix(memory, gradWeight), true, false, 1, 1);
            return;
        }
        try (Arena.Scope scope = memory.scratch().scope()) {
            long out = gradWeight.size(0);
            INDArray sum = memory.scratch().array(out, gradWeight.length() / out);
            byPictures(
                    memory,
                    x,
                    gradOutput,
                    (columns, rows, first) -> ops.product(rows, columns, sum, true, false, 1, first ? 0 : 1));
            INDArray target = columnOrder(memory, gradWeight);
            ops.add(target, memory.reshape(sum, target.shape()), target);
        }
    }

    private boolean isPoint() {
        return height == 1 && width == 1 && padding == 0;
    }

    private boolean isProduct() {
        return isPoint() && stride == 1;
    }

    /** How many pixels so many places of the kernel cover. */
    private long reach(long places, int kernel) {
        return stride * (places - 1) + kernel;
    }

    private long[] geometry(int pad) {
        return new long[] {height, width, stride, stride, pad, pad};
    }

    private static INDArray matrix(Memory memory, INDArray weight) {
        return memory.reshape(weight, weight.size(0), weight.size(1));
    }

    /** A view [out, kernel, in] of weights [out, in, kernel height, kernel width]: the order of unfolded pictures. */
    private INDArray columnOrder(Memory memory, INDArray weight) {
        long in = weight.size(1);
        long kernel = (long) height * width;
        return memory.view(weight, 0, new long[] {weight.size(0), kernel, in}, new long[] {in * kernel, 1, kernel});
    }

    private void pointProduct(Memory memory, INDArray x, INDArray weight, INDArray result) {
        Ops ops = memory.ops();
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray read = x;
            if (stride > 1) {
                read = memory.scratch().array(x.size(0), result.size(1), result.size(2), x.size(3));
                ops.copy(memory.pixels(x, 0, stride, result.size(1), result.size(2)), read);
            }
            ops.product(memory.rows(read), matrix(memory, weight), memory.rows(result), false, true, 1, 0);
        }
    }

    private void unfoldedProduct(Memory memory, INDArray x, INDArray weight, INDArray result) {
        Ops ops = memory.ops();
        try (Arena.Scope scope = memory.scratch().scope()) {
            long out = weight.size(0);
            INDArray reordered = memory.scratch().array(out, (long) height * width, weight.size(1));
            ops.copy(columnOrder(memory, weight), reordered);
            INDArray matrix = memory.reshape(reordered, out, reordered.length() / out);
            byPictures(
                    memory, x, result, (columns, rows, first) -> ops.product(columns, matrix, rows, false, true, 1, 0));
        }
    }

    private interface UnfoldedWork {
        /**
         * Works on some pictures.
         *
         * @param columns [pictures * pixels, kernel height * kernel width * in]
         * @param rows the same pictures' rows of the other array, [pictures * pixels, out]
         */
        void accept(INDArray columns, INDArray rows, boolean first);
    }

    private void byPictures(Memory memory, INDArray x, INDArray y, UnfoldedWork work) {
        long pixels = y.size(1) * y.size(2);
        long columns = x.size(3) * height * width;
        long batch = x.size(0);
        long atOnce = Math.max(1, AT_ONCE / (pixels * columns));
        for (long from = 0; from < batch; from += atOnce) {
            long to = Math.min(batch, from + atOnce);
            try (Arena.Scope scope = memory.scratch().scope()) {
                INDArray unfolded = memory.scratch().array((to - from) * pixels, columns);
                unfold(memory, memory.slices(x, from, to), y.size(1), y.size(2), unfolded);
                work.accept(unfolded, memory.rows(memory.slices(y, from, to)), from == 0);
            }
        }
    }

    /** All pixels below each place of the kernel side by side. A row of them lies together in the picture. */
    private void unfold(Memory memory, INDArray x, long rows, long columns, INDArray result) {
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray padded = padding == 0 ? x : padded(memory, x);
            long channels = x.size(3);
            long row = padded.size(2) * channels;
            long[] shape = {x.size(0), rows, columns, height, width * channels};
            long[] strides = {padded.size(1) * row, stride * row, stride * channels, row, 1};
            memory.ops().copy(memory.view(padded, 0, shape, strides), memory.reshape(result, shape));
        }
    }

    private INDArray padded(Memory memory, INDArray x) {
        INDArray padded =
                memory.scratch().array(x.size(0), x.size(1) + 2L * padding, x.size(2) + 2L * padding, x.size(3));
        memory.ops().zero(padded);
        memory.ops().copy(x, memory.pixels(padded, padding, 1, x.size(1), x.size(2)));
        return padded;
    }

    /** A 1x1 kernel with a stride reads some pixels only; the gradient of the others is zero. */
    private void spreadProduct(Memory memory, INDArray gradOutput, INDArray weight, INDArray gradInput) {
        Ops ops = memory.ops();
        try (Arena.Scope scope = memory.scratch().scope()) {
            long rows = gradOutput.size(1);
            long columns = gradOutput.size(2);
            INDArray read = memory.scratch().array(gradOutput.size(0), rows, columns, gradInput.size(3));
            ops.product(memory.rows(gradOutput), matrix(memory, weight), memory.rows(read));
            ops.zero(gradInput);
            ops.copy(read, memory.pixels(gradInput, 0, stride, rows, columns));
        }
    }

    /** The native operation knows no remainder of a stride: it computes all that the kernel covers, padding included. */
    private void croppedGradient(Memory memory, INDArray gradOutput, INDArray weight, INDArray gradInput) {
        Ops ops = memory.ops();
        long batch = gradInput.size(0);
        long fullRows = reach(gradOutput.size(1), height);
        long fullColumns = reach(gradOutput.size(2), width);
        long rows = Math.min(gradInput.size(1), fullRows - padding);
        long columns = Math.min(gradInput.size(2), fullColumns - padding);
        if (rows < gradInput.size(1) || columns < gradInput.size(2)) {
            ops.zero(gradInput);
        }
        long atOnce = Math.max(1, AT_ONCE / (fullRows * fullColumns * gradInput.size(3)));
        for (long from = 0; from < batch; from += atOnce) {
            long to = Math.min(batch, from + atOnce);
            try (Arena.Scope scope = memory.scratch().scope()) {
                INDArray full = memory.scratch().array(to - from, fullRows, fullColumns, gradInput.size(3));
                ops.convolveTransposed(memory.slices(gradOutput, from, to), weight, geometry(0), full);
                ops.copy(
                        memory.pixels(full, padding, 1, rows, columns),
                        memory.pixels(memory.slices(gradInput, from, to), 0, 1, rows, columns));
            }
        }
    }
}
