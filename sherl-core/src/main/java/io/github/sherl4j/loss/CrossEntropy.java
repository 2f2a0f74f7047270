package io.github.sherl4j.loss;

import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.Check;
import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.nd.Ops;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Softmax cross-entropy, {@code -mean_n sum_c target[n, c] log softmax(logits[n])[c]}; by its options with smoothed labels
 * (Szegedy et al. 2016) and with weights of classes.
 */
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
     * How targets are read. With smoothing e, classes C and class weights w, the loss is
     *
     * <pre>
     * q    = (1 - e) target + e / C
     * loss = -sum_n sum_c w_c q[n, c] log softmax(logits[n])[c]  /  sum_n sum_c w_c target[n, c]
     * </pre>
     *
     * <p>For one-hot targets that is PyTorch's {@code cross_entropy} of class indices, whose weighted mean divides by the
     * sum of the labels' weights. So with class weights a batch's parts count by the sum of their labels' weights, not by
     * their number of examples. Where that sum is 0, so are loss and gradient.
     *
     * @param labelSmoothing from 0, which is none, to 1
     * @param classWeights [classes], 0 or more, not modified, owned by the caller; null if all classes weigh the same
     */
    public record Options(double labelSmoothing, @Nullable INDArray classWeights) {
        /** Checks. */
        public Options {
            Check.argument(
                    labelSmoothing >= 0 && labelSmoothing <= 1,
                    "labelSmoothing must be in [0, 1], but is %s",
                    labelSmoothing);
            if (classWeights != null) {
                Check.shape("classWeights", classWeights, Check.ANY);
                for (long i = 0; i < classWeights.length(); i++) {
                    double weight = classWeights.getDouble(i);
                    Check.argument(
                            weight >= 0 && weight < Double.POSITIVE_INFINITY,
                            "classWeights must be 0 or more and finite, but that of class %s is %s",
                            i,
                            weight);
                }
            }
        }

        /** No smoothing, equal weights. */
        public static Options defaults() {
            return new Options(0, null);
        }

        /** With smoothing of labels. */
        public Options withLabelSmoothing(double newLabelSmoothing) {
            return new Options(newLabelSmoothing, classWeights);
        }

        /** With weights [classes]. */
        public Options withClassWeights(INDArray newClassWeights) {
            return new Options(labelSmoothing, newClassWeights);
        }

        private boolean plain() {
            return labelSmoothing == 0 && classWeights == null;
        }
    }

    /**
     * Computes both, without smoothing and class weights.
     *
     * @param logits [batch, classes], not modified
     * @param targets [batch, classes], each row a distribution, not modified
     * @param weight factor of the gradient, such as this part's share of a batch that is fed in parts
     */
    public static Result of(Memory memory, INDArray logits, INDArray targets, double weight) {
        return of(memory, logits, targets, Options.defaults(), weight);
    }

    /**
     * Computes both.
     *
     * @param logits [batch, classes], not modified
     * @param targets [batch, classes], each row a distribution, not modified
     * @param weight factor of the gradient, such as this part's share of a batch that is fed in parts
     */
    public static Result of(Memory memory, INDArray logits, INDArray targets, Options options, double weight) {
        Check.shape("logits", logits, Check.ANY, Check.ANY);
        Check.shape("targets", targets, logits.shape());
        if (options.classWeights != null) {
            Check.shape("classWeights", options.classWeights, logits.size(1));
        }
        Ops ops = memory.ops();
        INDArray gradient = memory.scratch().array(logits.shape());
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray likelihood = memory.scratch().array(logits.shape());
            logSoftmax(memory, logits, likelihood, gradient);
            INDArray wanted = targets;
            double count = logits.size(0);
            if (!options.plain()) {
                wanted = memory.scratch().array(logits.shape());
                count = weighted(memory, targets, options, wanted);
                INDArray mass = memory.scratch().array(logits.size(0), 1);
                ops.sumRows(wanted, mass);
                ops.multiply(gradient, mass, gradient);
            }
            ops.multiply(likelihood, wanted, likelihood);
            double sum = Sums.of(memory, likelihood);
            ops.subtract(gradient, wanted, gradient);
            ops.scale(gradient, count == 0 ? 0 : weight / count, gradient);
            return new Result(count == 0 ? 0 : -sum / count, gradient);
        }
    }

    /** {@code likelihood = log softmax(logits)} and {@code softmax}, row by row. */
    private static void logSoftmax(Memory memory, INDArray logits, INDArray likelihood, INDArray softmax) {
        Ops ops = memory.ops();
        INDArray column = memory.scratch().array(logits.size(0), 1);
        // ND4J's log_softmax takes the logarithm of a rounded softmax, so it is minus infinity where that is zero.
        ops.maximumRows(logits, column);
        ops.subtract(logits, column, likelihood);
        ops.exp(likelihood, softmax);
        ops.sumRows(softmax, column);
        ops.divide(softmax, column, softmax);
        ops.log(column, column);
        ops.subtract(likelihood, column, likelihood);
    }

    /** {@code result[n, c] = w_c q[n, c]}; returns what the sum over the batch is divided by. */
    private static double weighted(Memory memory, INDArray targets, Options options, INDArray result) {
        Ops ops = memory.ops();
        double count = targets.size(0);
        if (options.classWeights != null) {
            ops.multiply(targets, options.classWeights, result);
            count = Sums.of(memory, result);
        }
        ops.multiply(targets, 1 - options.labelSmoothing, result);
        ops.add(result, options.labelSmoothing / targets.size(1), result);
        if (options.classWeights != null) {
            ops.multiply(result, options.classWeights, result);
        }
        return count;
    }
}
