package io.github.sherl4j.loss;

import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.Check;
import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.nd.Ops;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Softmax cross-entropy of tokens against a whole vocabulary, together with the output table that makes the logits: {@code logits =
 * scale * states table^T}, {@code loss = -mean_n log softmax(logits[n])[label_n]}. It goes through the tokens block by block, so that
 * neither the logits of all tokens nor their gradient nor one-hot targets ever exist.
 */
public final class TokenCrossEntropy {
    /** Logits of so many numbers are computed at once: 16 MB of floats. */
    private static final long BLOCK = 1L << 22;

    private TokenCrossEntropy() {}

    /**
     * Value and gradients.
     *
     * @param states [n, width], not modified
     * @param table [vocabulary, width]; its gradient is added to if it is trainable
     * @param labels INT32 [n], each less than the vocabulary
     * @param scale of the logits
     * @param weight factor of the gradients, such as this part's share of a batch that is fed in parts
     * @param gradStates [n, width], overwritten by {@code weight} times the value's gradient
     * @return the mean over the tokens
     */
    public static double of(
            Memory memory,
            INDArray states,
            Parameter table,
            INDArray labels,
            double scale,
            double weight,
            INDArray gradStates) {
        long block = Math.max(1, BLOCK / table.value().size(0));
        return of(memory, states, table, labels, scale, weight, gradStates, block);
    }

    /** The same with so many tokens at a time. */
    static double of(
            Memory memory,
            INDArray states,
            Parameter table,
            INDArray labels,
            double scale,
            double weight,
            INDArray gradStates,
            long block) {
        Check.shape("states", states, Check.ANY, table.value().size(1));
        Check.shape("labels", labels, states.size(0));
        Check.shape("gradStates", gradStates, states.shape());
        long tokens = states.size(0);
        try (Arena.Scope all = memory.scratch().scope()) {
            INDArray losses = memory.scratch().array(tokens, 1);
            for (long from = 0; from < tokens; ) {
                long to = Math.min(tokens, from + block);
                Part part = new Part(
                        memory.slices(states, from, to),
                        memory.slices(labels, from, to),
                        memory.slices(losses, from, to),
                        memory.slices(gradStates, from, to));
                part.compute(memory, table, scale, weight / tokens);
                from = to;
            }
            return Sums.of(memory, losses) / tokens;
        }
    }

    private record Part(INDArray states, INDArray labels, INDArray losses, INDArray gradStates) {
        void compute(Memory memory, Parameter table, double scale, double factor) {
            Ops ops = memory.ops();
            Arena scratch = memory.scratch();
            try (Arena.Scope scope = scratch.scope()) {
                INDArray logits = scratch.array(states.size(0), table.value().size(0));
                INDArray scores = scratch.array(states.size(0), 1);
                INDArray column = scratch.array(states.size(0), 1);
                INDArray wanted = scratch.array(states.shape());
                ops.product(states, table.value(), logits, false, true, scale, 0);
                ops.gather(table.value(), labels, wanted);
                ops.multiply(wanted, states, gradStates);
                ops.sumRows(gradStates, scores);
                ops.blend(scores, scale, losses, 0);

                // loss = log sum exp(logits - max) + max - the label's logit
                ops.maximumRows(logits, column);
                ops.subtract(column, losses, losses);
                ops.subtract(logits, column, logits);
                ops.exp(logits, logits);
                ops.sumRows(logits, column);
                ops.divide(logits, column, logits);
                ops.log(column, column);
                ops.add(losses, column, losses);

                ops.product(logits, table.value(), gradStates);
                ops.subtract(gradStates, wanted, gradStates);
                ops.scale(gradStates, factor * scale, gradStates);
                if (table.trainable()) {
                    ops.scale(states, factor * scale, wanted);
                    ops.product(logits, wanted, table.gradient(), true, false, 1, 1);
                    ops.multiply(wanted, -1, wanted);
                    ops.scatterAdd(table.gradient(), labels, wanted);
                }
            }
        }
    }
}
