package io.github.sherl4j.adapter;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Where a backward pass writes the gradients of an {@link AdapterInput}.
 *
 * @param states one array for each tapped state, in its shape; overwritten
 * @param feature [batch, width], overwritten; null if the input has no feature
 */
public record AdapterGradients(
        List<INDArray> states, @Nullable INDArray feature) {
    /** Copies the list. */
    public AdapterGradients {
        states = List.copyOf(states);
    }

    /** Of an input without feature. */
    public static AdapterGradients of(List<INDArray> states) {
        return new AdapterGradients(states, null);
    }

    INDArray anchor() {
        return feature != null ? feature : states.get(states.size() - 1);
    }
}
