package io.github.sherl4j.nd;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Gradients of ND4J's scaled dot product attention over time series [batch, size, time]. The native operations are right
 * where the gradient that {@code SameDiff} builds of them is not. Each call leaves a native context to the garbage collector.
 */
public final class AttentionGradients {
    private AttentionGradients() {}

    /**
     * Gradients of queries, keys and values.
     *
     * @param inputs queries, keys, values; then, where they are projected first, the four projections of queries, keys,
     *     values [heads, size, in] and result [heads * size, out]
     * @param mask [batch, time] of keys and values, or null for none
     * @param gradOutput in the shape of the result
     * @param results as many arrays as inputs, in their shapes, overwritten: gradients of projections cannot be left out
     */
    public static void compute(
            List<INDArray> inputs, @Nullable INDArray mask, INDArray gradOutput, List<INDArray> results) {
        boolean projected = inputs.size() > 3;
        List<INDArray> all = new ArrayList<>(inputs);
        all.add(gradOutput);
        if (mask != null) {
            all.add(mask);
        }
        Nd4j.exec(
                DynamicCustomOp.builder(projected ? "multi_head_dot_product_attention_bp" : "dot_product_attention_bp")
                        .addInputs(all.toArray(INDArray[]::new))
                        .addOutputs(results.toArray(INDArray[]::new))
                        .addIntegerArguments(1)
                        .build());
    }
}
