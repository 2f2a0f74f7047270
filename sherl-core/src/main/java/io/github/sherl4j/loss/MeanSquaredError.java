package io.github.sherl4j.loss;

import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.Check;
import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.nd.Ops;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The loss of regression, {@code mean (prediction - target)^2} over all numbers. */
public final class MeanSquaredError {
    private MeanSquaredError() {}

    /**
     * Value and gradient.
     *
     * @param value the mean over all numbers
     * @param gradient in the predictions' shape, {@code weight} times the value's gradient with respect to them; in the
     *     scratch arena, in the caller's scope
     */
    public record Result(double value, INDArray gradient) {}

    /**
     * Computes both.
     *
     * @param predictions any shape, not modified
     * @param targets the same shape, not modified
     * @param weight factor of the gradient, such as this part's share of a batch that is fed in parts
     */
    public static Result of(Memory memory, INDArray predictions, INDArray targets, double weight) {
        Check.shape("targets", targets, predictions.shape());
        Ops ops = memory.ops();
        INDArray gradient = memory.scratch().array(predictions.shape());
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray squares = memory.scratch().array(predictions.shape());
            ops.subtract(predictions, targets, gradient);
            ops.multiply(gradient, gradient, squares);
            double value = Sums.of(memory, squares) / predictions.length();
            ops.scale(gradient, 2 * weight / predictions.length(), gradient);
            return new Result(value, gradient);
        }
    }
}
