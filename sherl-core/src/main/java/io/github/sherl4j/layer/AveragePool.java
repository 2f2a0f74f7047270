package io.github.sherl4j.layer;

import io.github.sherl4j.nd.Check;
import io.github.sherl4j.nd.Memory;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The mean of each window of pixels, channel by channel: [batch, height, width, channels] to the same with fewer pixels.
 * Padding counts as zeros.
 */
public final class AveragePool implements Layer {
    private final PoolWindow window;

    private AveragePool(PoolWindow window) {
        this.window = window;
    }

    /**
     * A layer without parameters.
     *
     * @param kernel edge length of the square window
     * @param stride pixels from one window to the next
     * @param padding rows and columns added on each side, at most half the kernel
     */
    public AveragePool(int kernel, int stride, int padding) {
        this(PoolWindow.of(kernel, stride, padding));
    }

    /** The mean of all pixels: [batch, height, width, channels] to [batch, 1, 1, channels]. */
    public static AveragePool global() {
        return new AveragePool(PoolWindow.GLOBAL);
    }

    private record Kept(AveragePool layer, Context context, long batch, long height, long width, long channels)
            implements LayerStep {
        @Override
        public INDArray backward(INDArray gradOutput) {
            Memory memory = context.memory();
            INDArray gradInput = memory.scratch().array(batch, height, width, channels);
            long[] geometry = layer.window.geometry(batch, height, width, channels);
            memory.ops().averagePoolGradient(gradOutput, geometry, gradInput);
            return gradInput;
        }
    }

    @Override
    public void infer(INDArray input, Context context, INDArray result) {
        Check.shape("result", result, outputShape(input.shape()));
        context.memory().ops().averagePool(input, window.geometry(input.shape()), result);
    }

    /** As the interface says. It keeps nothing; the step's backward pass does not modify its argument. */
    @Override
    public LayerStep forward(INDArray input, Context context, INDArray result) {
        infer(input, context, result);
        return new Kept(this, context, input.size(0), input.size(1), input.size(2), input.size(3));
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
