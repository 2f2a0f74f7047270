package io.github.sherl4j.backbone.dl4j;

import io.github.sherl4j.nd.AttentionGradients;
import io.github.sherl4j.nd.Memory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The backward pass that layer and vertex of attention share. Gradients of the projections are computed, but not looked at. */
final class Attention {
    private static final List<String> PROJECTIONS = List.of("Wq", "Wk", "Wv", "Wo");

    private Attention() {}

    /** The projections in ND4J's order; none if there are none. */
    static List<INDArray> projections(Map<String, INDArray> weights) {
        return weights.isEmpty()
                ? List.of()
                : PROJECTIONS.stream()
                        .map(name -> Objects.requireNonNull(weights.get(name), name))
                        .toList();
    }

    /**
     * Adds the gradients of queries, keys and values.
     *
     * @param mask of keys and values
     * @param places which input of the node queries, keys and values are
     */
    static void backward(
            Memory memory,
            List<INDArray> inputs,
            List<INDArray> projections,
            @Nullable INDArray mask,
            INDArray gradOutput,
            int[] places,
            InputGradients gradients) {
        INDArray fitting = null;
        if (mask != null) {
            fitting = gradients.temporary(mask.shape());
            memory.ops().copy(mask, fitting);
        }
        List<INDArray> all = new ArrayList<>(inputs);
        all.addAll(projections);
        List<INDArray> results =
                all.stream().map(array -> gradients.temporary(array.shape())).toList();
        AttentionGradients.compute(all, fitting, gradOutput, results);
        for (int i = 0; i < places.length; i++) {
            gradients.add(places[i], results.get(i));
        }
        Stream.concat(results.stream(), Stream.ofNullable(fitting)).forEach(gradients::release);
    }
}
