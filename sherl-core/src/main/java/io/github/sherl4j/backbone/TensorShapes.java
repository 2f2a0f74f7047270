package io.github.sherl4j.backbone;

import io.github.sherl4j.nd.NativeArrays;
import io.github.sherl4j.nd.Rng;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The tensors that a network wants, by name and in its order, and how each starts where nothing is loaded. */
public final class TensorShapes {
    private static final double DEVIATION = 0.02;

    private enum Start {
        NORMAL,
        ZERO,
        ONE
    }

    private final Map<String, long[]> shapes = new LinkedHashMap<>();
    private final Map<String, Start> starts = new HashMap<>();

    /** A tensor that starts normally distributed with deviation 0.02. */
    public TensorShapes weight(String name, long... shape) {
        return put(name, Start.NORMAL, shape);
    }

    /** {@code name.weight} [out, in] and {@code name.bias} [out], which starts at zero. */
    public TensorShapes linear(String name, long out, long in) {
        return weight(name + ".weight", out, in).put(name + ".bias", Start.ZERO, out);
    }

    /** {@code name.weight} [width], which starts at one, and {@code name.bias} [width], which starts at zero. */
    public TensorShapes norm(String name, long width) {
        return put(name + ".weight", Start.ONE, width).put(name + ".bias", Start.ZERO, width);
    }

    private TensorShapes put(String name, Start start, long... shape) {
        shapes.put(name, shape.clone());
        starts.put(name, start);
        return this;
    }

    /** The shapes by name, in a map of the caller's own. */
    public Map<String, long[]> byName() {
        return new LinkedHashMap<>(shapes);
    }

    /** New parameters as networks of this kind start their pre-training; equal seeds give equal numbers. */
    public NamedParameters random(DataType type, long seed) {
        try (Rng rng = new Rng(seed)) {
            return NamedParameters.make(byName(), (name, shape) -> {
                INDArray array = Nd4j.createUninitialized(type, shape);
                switch (Objects.requireNonNull(starts.get(name))) {
                    case NORMAL -> rng.gaussian(array, 0, DEVIATION);
                    case ZERO -> NativeArrays.fill(array, 0);
                    case ONE -> NativeArrays.fill(array, 1);
                }
                return array;
            });
        }
    }
}
