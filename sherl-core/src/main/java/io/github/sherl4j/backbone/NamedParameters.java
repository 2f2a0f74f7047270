package io.github.sherl4j.backbone;

import io.github.sherl4j.layer.LayerNorm;
import io.github.sherl4j.layer.Linear;
import io.github.sherl4j.layer.Parameter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiFunction;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A network's parameters by name, in its order, and layers made of them. */
public final class NamedParameters {
    private final Map<String, Parameter> parameters;

    private NamedParameters(Map<String, Parameter> parameters) {
        this.parameters = parameters;
    }

    /**
     * Parameters of given shapes; weight decay applies to those of two dimensions or more.
     *
     * @param shapes by name, in the network's order
     * @param array makes each array from its name and the shape; what it made is freed if it fails later
     */
    public static NamedParameters make(Map<String, long[]> shapes, BiFunction<String, long[], INDArray> array) {
        Map<String, Parameter> parameters = new LinkedHashMap<>();
        try {
            shapes.forEach((name, shape) -> {
                INDArray value = array.apply(name, shape);
                parameters.put(
                        name, value.rank() >= 2 ? Parameter.weight(name, value) : Parameter.unregularized(name, value));
            });
        } catch (RuntimeException e) {
            parameters.values().forEach(Parameter::close);
            throw e;
        }
        return new NamedParameters(parameters);
    }

    /** One of them. */
    public Parameter get(String name) {
        return Objects.requireNonNull(parameters.get(name), name);
    }

    /** A projection of {@code name.weight} and {@code name.bias}. */
    public Linear linear(String name) {
        return new Linear(get(name + ".weight"), get(name + ".bias"));
    }

    /** A layer norm of {@code name.weight} and {@code name.bias}. */
    public LayerNorm norm(String name, double eps) {
        return new LayerNorm(get(name + ".weight"), get(name + ".bias"), eps);
    }

    /** All of them, in the network's order. */
    public List<Parameter> all() {
        return List.copyOf(parameters.values());
    }
}
