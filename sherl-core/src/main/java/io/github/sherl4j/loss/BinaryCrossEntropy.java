package io.github.sherl4j.loss;

import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.Check;
import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.nd.Ops;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Binary cross-entropy of each class for itself, for examples of several labels and for soft targets such as the scores of
 * visual question answering. Per class, with logit x and target t,
 *
 * <pre>
 * -t log sigmoid(x) - (1 - t) log(1 - sigmoid(x))  =  max(x, 0) - x t + log(1 + e^-|x|)
 * </pre>
 *
 * <p>The right side is what is computed: it neither overflows nor takes the logarithm of a rounded probability.
 */
public final class BinaryCrossEntropy {
    private BinaryCrossEntropy() {}

    /** What becomes of an example's classes; the batch is always averaged. */
    public enum Classes {
        /** Their losses are added, as in visual question answering. */
        SUM,
        /** Their losses are averaged. */
        MEAN
    }

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
     * @param targets [batch, classes], each number from 0 to 1, not modified
     * @param weight factor of the gradient, such as this part's share of a batch that is fed in parts
     */
    public static Result of(Memory memory, INDArray logits, INDArray targets, Classes classes, double weight) {
        Check.shape("logits", logits, Check.ANY, Check.ANY);
        Check.shape("targets", targets, logits.shape());
        Ops ops = memory.ops();
        double count = classes == Classes.SUM ? logits.size(0) : logits.length();
        INDArray gradient = memory.scratch().array(logits.shape());
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray positive = memory.scratch().array(logits.shape());
            INDArray loss = memory.scratch().array(logits.shape());
            ops.relu(logits, positive);
            ops.multiply(positive, -2, loss);
            ops.add(loss, logits, loss); // -|x|
            ops.exp(loss, loss);
            logOfOnePlus(ops, loss, gradient);
            ops.add(loss, positive, loss);
            ops.multiply(logits, targets, positive);
            ops.subtract(loss, positive, loss);
            double value = Sums.of(memory, loss) / count;
            ops.sigmoid(logits, gradient);
            ops.subtract(gradient, targets, gradient);
            ops.scale(gradient, weight / count, gradient);
            return new Result(value, gradient);
        }
    }

    /**
     * {@code x = log(1 + x)} for x from 0 to 1, accurate for the smallest too: with u = 1 + x rounded, the rest that the
     * rounding took is added as its derivative, {@code log(u) + (x - (u - 1)) / u}.
     */
    private static void logOfOnePlus(Ops ops, INDArray x, INDArray scratch) {
        ops.add(x, 1, scratch);
        ops.add(scratch, -1, scratch);
        ops.subtract(x, scratch, x);
        ops.add(scratch, 1, scratch);
        ops.divide(x, scratch, x);
        ops.log(scratch, scratch);
        ops.add(x, scratch, x);
    }
}
