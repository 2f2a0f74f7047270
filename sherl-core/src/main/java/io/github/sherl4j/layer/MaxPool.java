package io.github.sherl4j.layer;

import io.github.sherl4j.nd.Check;
import io.github.sherl4j.nd.Memory;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The largest number in each window of pixels, channel by channel: [batch, height, width, channels] to the same with fewer
 * pixels. Padding never wins. The gradient goes to the first of the largest numbers.
 */
public final class MaxPool implements Layer {
    private final PoolWindow window;

    /**
     * A layer without parameters.
     *
     * @param kernel edge length of the square window
     * @param stride pixels from one window to the next
     * @param padding rows and columns added on each side, at most half the kernel
     */
    public MaxPool(int kernel, int stride, int padding) {
        this.window = PoolWindow.of(kernel, stride, padding);
    }

    /** The input itself, since which of the numbers was the largest is read from it again. */
    private record Kept(MaxPool layer, Context context, INDArray input) implements LayerStep {
        @Override
        public INDArray backward(INDArray gradOutput) {
            Memory memory = context.memory();
            INDArray gradInput = memory.scratch().array(input.shape());
            memory.ops().maxPoolGradient(input, gradOutput, layer.window.geometry(input.shape()), gradInput);
            return gradInput;
        }
    }

    @Override
    public void infer(INDArray input, Context context, INDArray result) {
        Check.shape("result", result, outputShape(input.shape()));
        context.memory().ops().maxPool(input, window.geometry(input.shape()), result);
    }

    /** As the interface says. It keeps the input; the step's backward pass does not modify its argument. */
    @Override
    public LayerStep forward(INDArray input, Context context, INDArray result) {
        infer(input, context, result);
        return new Kept(this, context, input);
    }

    @Override
    public long[] outputShape(long... inputShape) {
        return window.outputShape(inputShape);
    }

    @Override
    public List<Parameter> parameters() {
        return List.of();
    }
}
