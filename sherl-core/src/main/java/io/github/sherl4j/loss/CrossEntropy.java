package io.github.sherl4j.loss;

import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.Check;
import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.nd.Ops;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Softmax cross-entropy, {@code -mean_n sum_c target[n, c] log softmax(logits[n])[c]}. */
public final class CrossEntropy {
    private CrossEntropy() {}

    /**
     * Value and gradient.
     *
     * @param value the mean over the batch
     * @param gradient [batch, classes], {@code weight} times the value's gradient with respect to the logits; in the
     *     scratch arena, in the caller's scope
     */
    public record Result(double value, INDArray gradient) {}

    /**
     * Computes both.
     *
     * @param logits [batch, classes], not modified
     * @param targets [batch, classes], each row a distribution, not modified
     * @param weight factor of the gradient, such as this part's share of a batch that is fed in parts
     */
    public static Result of(Memory memory, INDArray logits, INDArray targets, double weight) {
        Check.shape("targets", targets, logits.shape());
        Ops ops = memory.ops();
        double scale = weight / logits.size(0);
        INDArray gradient = memory.scratch().array(logits.shape());
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray likelihood = memory.scratch().array(logits.shape());
            INDArray column = memory.scratch().array(logits.size(0), 1);
            INDArray sum = memory.scratch().array(1, 1);
            // ND4J's log_softmax takes the logarithm of a rounded softmax, so it is minus infinity where that is zero.
            ops.maximumRows(logits, column);
            ops.subtract(logits, column, likelihood);
            ops.exp(likelihood, gradient);
            ops.sumRows(gradient, column);
            ops.divide(gradient, column, gradient);
            ops.log(column, column);
            ops.subtract(likelihood, column, likelihood);
            ops.multiply(likelihood, targets, likelihood);
            ops.sumRows(memory.reshape(likelihood, 1, likelihood.length()), sum);
            ops.subtract(gradient, targets, gradient);
            ops.multiply(gradient, scale, gradient);
            return new Result(-sum.getDouble(0) / logits.size(0), gradient);
        }
    }
}
