package io.github.sherl4j.layer;

import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.Check;
import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.nd.Ops;
import java.util.Arrays;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The largest number in each window of pixels, channel by channel: [batch, height, width, channels] to the same with fewer
 * pixels. Padding never wins. The gradient goes to the first of the largest numbers.
 */
public final class MaxPool implements Layer {
    /** Below all numbers of both types: beyond the picture nothing wins. */
    private static final double NOTHING = -Float.MAX_VALUE;

    private final PoolWindow window;
    private final boolean leavesPicture;

    /**
     * A layer without parameters.
     *
     * @param kernel edge length of the square window
     * @param stride pixels from one window to the next
     * @param padding rows and columns added on each side, at most half the kernel
     */
    public MaxPool(int kernel, int stride, int padding) {
        this(PoolWindow.of(kernel, stride, padding), false);
    }

    private MaxPool(PoolWindow window, boolean leavesPicture) {
        this.window = window;
        this.leavesPicture = leavesPicture;
    }

    /**
     * A layer without padding whose last windows may leave the picture below and to the right, so that every pixel is in one,
     * as in Caffe.
     *
     * @param kernel edge length of the square window
     * @param stride pixels from one window to the next, at most the kernel
     */
    public static MaxPool ceil(int kernel, int stride) {
        PoolWindow window = PoolWindow.of(kernel, stride, 0);
        Check.argument(stride <= kernel, "stride must be at most the kernel of %s, but is %s", kernel, stride);
        return new MaxPool(window, true);
    }

    /** The input itself, since which of the numbers was the largest is read from it again. */
    private record Kept(MaxPool layer, Context context, INDArray input) implements LayerStep {
        @Override
        public INDArray backward(INDArray gradOutput) {
            Memory memory = context.memory();
            INDArray gradInput = memory.scratch().array(input.shape());
            layer.gradient(memory, input, gradOutput, gradInput);
            return gradInput;
        }
    }

    private void gradient(Memory memory, INDArray input, INDArray gradOutput, INDArray gradInput) {
        Ops ops = memory.ops();
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray covered = covered(memory, input);
            long[] geometry = window.geometry(covered.shape());
            if (covered == input) {
                ops.maxPoolGradient(input, gradOutput, geometry, gradInput);
            } else {
                INDArray gradCovered = memory.scratch().array(covered.shape());
                ops.maxPoolGradient(covered, gradOutput, geometry, gradCovered);
                ops.copy(memory.pixels(gradCovered, 0, 1, input.size(1), input.size(2)), gradInput);
            }
        }
    }

    @Override
    public void infer(INDArray input, Context context, INDArray result) {
        Check.shape("result", result, outputShape(input.shape()));
        Memory memory = context.memory();
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray covered = covered(memory, input);
            memory.ops().maxPool(covered, window.geometry(covered.shape()), result);
        }
    }

    /** The input, with rows and columns of nothing below and to the right where the last windows leave it. */
    private INDArray covered(Memory memory, INDArray input) {
        long[] shape = coveredShape(input.shape());
        if (Arrays.equals(shape, input.shape())) {
            return input;
        }
        Ops ops = memory.ops();
        INDArray covered = memory.scratch().array(shape);
        ops.zero(covered);
        ops.add(covered, NOTHING, covered);
        ops.copy(input, memory.pixels(covered, 0, 1, input.size(1), input.size(2)));
        return covered;
    }

    private long[] coveredShape(long... inputShape) {
        if (!leavesPicture) {
            return inputShape;
        }
        long[] places = window.outputShape(inputShape);
        long[] shape = inputShape.clone();
        for (int side = 1; side <= 2; side++) {
            long seen = (places[side] - 1) * window.stride() + window.kernel();
            shape[side] += seen < inputShape[side] ? window.stride() - (inputShape[side] - seen) : 0;
        }
        return shape;
    }

    /** As the interface says. It keeps the input; the step's backward pass does not modify its argument. */
    @Override
    public LayerStep forward(INDArray input, Context context, INDArray result) {
        infer(input, context, result);
        return new Kept(this, context, input);
    }

    @Override
    public long[] outputShape(long... inputShape) {
        return window.outputShape(coveredShape(inputShape));
    }

    @Override
    public List<Parameter> parameters() {
        return List.of();
    }
}
