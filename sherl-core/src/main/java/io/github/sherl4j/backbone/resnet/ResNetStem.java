package io.github.sherl4j.backbone.resnet;

import io.github.sherl4j.backbone.Backbone;
import io.github.sherl4j.data.ImageBatch;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.LayerStep;
import io.github.sherl4j.layer.MaxPool;
import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.Memory;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/** State 0 of a residual network: a convolution with norm and ReLU, then a max pool unless pictures are small. */
final class ResNetStem implements Backbone.Stem<ImageBatch> {
    private final ConvNorm convolution;
    private final @Nullable MaxPool pool;

    ResNetStem(ConvNorm convolution, @Nullable MaxPool pool) {
        this.convolution = convolution;
        this.pool = pool;
    }

    private record Kept(
            Context context,
            ConvNorm.Kept convolution,
            @Nullable LayerStep pool) implements Backbone.StemStep {
        @Override
        public void backward(INDArray gradOutput) {
            try (Arena.Scope scope = context.memory().scratch().scope()) {
                convolution.backwardToParameters(pool == null ? gradOutput : pool.backward(gradOutput));
            }
        }
    }

    ConvNorm convolution() {
        return convolution;
    }

    /** Shape of state 0 for pictures [batch, height, width, colours]. */
    long[] outputShape(long... pixels) {
        long[] shape = convolution.outputShape(pixels);
        return pool == null ? shape : pool.outputShape(shape);
    }

    @Override
    public void infer(ImageBatch batch, Context context, INDArray result) {
        Arena scratch = context.memory().scratch();
        try (Arena.Scope scope = scratch.scope()) {
            INDArray pixels = pixels(context.memory(), batch, scratch);
            if (pool == null) {
                convolution.infer(pixels, context, result);
            } else {
                INDArray large = scratch.array(convolution.outputShape(pixels.shape()));
                convolution.infer(pixels, context, large);
                pool.infer(large, context, result);
            }
        }
    }

    /** As the interface says. Without a pool the result is kept, and has to live as long as the step. */
    @Override
    public Backbone.StemStep forward(ImageBatch batch, Context context, INDArray result) {
        Arena step = context.memory().step();
        INDArray pixels = pixels(context.memory(), batch, step);
        if (pool == null) {
            return new Kept(context, convolution.forward(pixels, context, result), null);
        }
        INDArray large = step.array(convolution.outputShape(pixels.shape()));
        ConvNorm.Kept convolved = convolution.forward(pixels, context, large);
        return new Kept(context, convolved, pool.forward(large, context, result));
    }

    /** Pixels in the network's type. */
    private static INDArray pixels(Memory memory, ImageBatch batch, Arena lifetime) {
        if (batch.pixels().dataType() == memory.type()) {
            return batch.pixels();
        }
        INDArray converted = lifetime.array(batch.pixels().shape());
        memory.ops().copy(batch.pixels(), converted);
        return converted;
    }
}
