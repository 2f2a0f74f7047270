package io.github.sherl4j.barlow;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Value and gradients of one batch.
 *
 * @param loss the value and its two sums
 * @param gradients with respect to both embeddings
 */
public record LossResult(LossValue loss, LossGradients gradients) {
    /** The loss. */
    public double value() {
        return loss.value();
    }

    /** The gradient with respect to view 1, [batch, width]. */
    public INDArray gradient1() {
        return gradients.first();
    }

    /** The gradient with respect to view 2, [batch, width]. */
    public INDArray gradient2() {
        return gradients.second();
    }
}
