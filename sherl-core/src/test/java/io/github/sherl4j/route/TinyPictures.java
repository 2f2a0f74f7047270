package io.github.sherl4j.route;

import io.github.sherl4j.TestArrays;
import io.github.sherl4j.backbone.ImageBackbone;
import io.github.sherl4j.data.ImageBatch;
import io.github.sherl4j.layer.AveragePool;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.Layer;
import io.github.sherl4j.layer.LayerStep;
import io.github.sherl4j.layer.Linear;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.Memory;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Pictures of three channels: a stem to 4 channels, two blocks that halve the picture, to 5 and 6, and one that does not. */
final class TinyPictures implements ImageBackbone {
    private final DataType type;
    private final Linear stem;
    private final List<Layer> blocks;

    TinyPictures(DataType type) {
        this.type = type;
        stem = linear("stem", 3, 4);
        blocks = List.of(
                new Halving(linear("block.0", 4, 5)), new Halving(linear("block.1", 5, 6)), linear("block.2", 6, 6));
    }

    private Linear linear(String name, long inputs, long outputs) {
        return new Linear(
                Parameter.weight(name + ".weight", TestArrays.normal(type, name.hashCode(), outputs, inputs)), null);
    }

    /** The mean of four pixels, then a projection. */
    private record Halving(AveragePool pool, Linear linear) implements Layer {
        Halving(Linear linear) {
            this(new AveragePool(2, 2, 0), linear);
        }

        @Override
        public void infer(INDArray input, Context context, INDArray result) {
            Arena scratch = context.memory().scratch();
            try (Arena.Scope scope = scratch.scope()) {
                INDArray pooled = scratch.array(pool.outputShape(input.shape()));
                pool.infer(input, context, pooled);
                linear.infer(pooled, context, result);
            }
        }

        @Override
        public LayerStep forward(INDArray input, Context context, INDArray result) {
            throw new UnsupportedOperationException("early blocks run in inference");
        }

        @Override
        public long[] outputShape(long... inputShape) {
            return linear.outputShape(pool.outputShape(inputShape));
        }

        @Override
        public List<Parameter> parameters() {
            return linear.parameters();
        }
    }

    @Override
    public Stem<ImageBatch> stem() {
        return new Stem<>() {
            @Override
            public void infer(ImageBatch batch, Context context, INDArray result) {
                stem.infer(batch.pixels(), context, result);
            }

            @Override
            public StemStep forward(ImageBatch batch, Context context, INDArray result) {
                throw new UnsupportedOperationException("the stem runs in inference");
            }
        };
    }

    @Override
    public List<Layer> blocks() {
        return blocks;
    }

    @Override
    public long[] stateShape(ImageBatch batch) {
        return stem.outputShape(batch.pixels().shape());
    }

    @Override
    public long width() {
        return 6;
    }

    @Override
    public long width(int index) {
        return List.of(4, 5, 6, 6).get(index);
    }

    @Override
    public DataType type() {
        return type;
    }

    @Override
    public Context context(Memory memory, ImageBatch batch, OptionalLong seed) {
        return new Context(memory, null, null, seed);
    }

    @Override
    public List<Parameter> parameters() {
        List<Parameter> all = new ArrayList<>(stem.parameters());
        blocks.forEach(block -> all.addAll(block.parameters()));
        return all;
    }

    @Override
    public String fingerprint() {
        return "tiny pictures";
    }

    @Override
    public void close() {
        parameters().forEach(Parameter::close);
    }
}
