package io.github.sherl4j.layer;

import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.Memory;
import java.util.List;
import java.util.stream.Stream;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A layer and a layer norm behind it: {@code y = norm(layer(x))}, such as the last block of a pre-norm network. */
public final class NormedLayer implements Layer {
    private final Layer layer;
    private final LayerNorm norm;

    /** A layer of both. */
    public NormedLayer(Layer layer, LayerNorm norm) {
        this.layer = layer;
        this.norm = norm;
    }

    private record Kept(LayerStep layer, LayerStep norm) implements LayerStep {
        @Override
        public INDArray backward(INDArray gradOutput) {
            return layer.backward(norm.backward(gradOutput));
        }
    }

    @Override
    public void infer(INDArray input, Context context, INDArray result) {
        layer.infer(input, context, result);
        norm.infer(result, context, result);
    }

    /** As the interface says. The step's backward pass overwrites its argument, with the result if the layer's does so. */
    @Override
    public LayerStep forward(INDArray input, Context context, INDArray result) {
        Memory memory = context.memory();
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray inner = memory.scratch().array(outputShape(input.shape())); // a norm keeps none of its input
            LayerStep layerStep = layer.forward(input, context, inner);
            return new Kept(layerStep, norm.forward(inner, context, result));
        }
    }

    @Override
    public long[] outputShape(long... inputShape) {
        return layer.outputShape(inputShape);
    }

    @Override
    public List<Parameter> parameters() {
        return Stream.concat(layer.parameters().stream(), norm.parameters().stream())
                .toList();
    }
}
