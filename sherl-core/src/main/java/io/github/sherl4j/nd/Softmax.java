package io.github.sherl4j.nd;

import org.nd4j.linalg.api.ndarray.INDArray;

/** The gradient of {@link Ops#softmax}. */
public final class Softmax {
    private Softmax() {}

    /**
     * {@code gradient = probabilities * (gradient - sum(gradient * probabilities))} over the last dimension.
     *
     * @param probabilities [..., width], the softmax, not modified
     * @param gradient [..., width], gradient with respect to the probabilities; overwritten by that of the scores
     */
    public static void gradient(Memory memory, INDArray probabilities, INDArray gradient) {
        Ops ops = memory.ops();
        INDArray p = memory.rows(probabilities);
        INDArray g = memory.rows(gradient);
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray sum = memory.scratch().array(p.size(0), 1);
            ops.multiply(g, p, g);
            ops.sumRows(g, sum);
            INDArray product = memory.scratch().array(p.shape());
            ops.multiply(p, sum, product);
            ops.subtract(g, product, g);
        }
    }
}
