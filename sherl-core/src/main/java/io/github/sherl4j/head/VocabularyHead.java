package io.github.sherl4j.head;

import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.loss.TokenCrossEntropy;
import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.Check;
import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.nd.Ops;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/** From states of a decoder to a logit for each token of the vocabulary: {@code logits = scale * states table^T}. */
public final class VocabularyHead {
    private final Parameter table;
    private final double scale;

    /**
     * A head over an output table, which may be frozen.
     *
     * @param table [vocabulary, width]
     */
    public VocabularyHead(Parameter table, double scale) {
        Check.shape(table.name(), table.value(), Check.ANY, Check.ANY);
        this.table = table;
        this.scale = scale;
    }

    /**
     * Computes logits and keeps nothing.
     *
     * @param states [n, width], not modified
     * @param result [n, vocabulary], overwritten
     */
    public void infer(INDArray states, Memory memory, INDArray result) {
        memory.ops().product(states, table.value(), result, false, true, scale, 0);
    }

    /**
     * The mean cross-entropy of the tokens to be said, and its gradients; that of a trainable table is added to.
     *
     * @param states [batch, tokens, width] in C order, not modified
     * @param rows INT32 [n], where each label is to be said, indices into [batch * tokens]; the other states are padding
     * @param labels INT32 [n]
     * @param weight factor of the gradients
     * @param gradStates in the shape of the states, overwritten; 0 where nothing is to be said
     */
    public double loss(
            INDArray states, INDArray rows, INDArray labels, Memory memory, double weight, INDArray gradStates) {
        Ops ops = memory.ops();
        Arena scratch = memory.scratch();
        INDArray all = memory.rows(gradStates);
        try (Arena.Scope scope = scratch.scope()) {
            INDArray said = scratch.array(rows.length(), states.size(-1));
            INDArray gradient = scratch.array(said.shape());
            ops.gather(memory.rows(states), rows, said);
            double value = TokenCrossEntropy.of(memory, said, table, labels, scale, weight, gradient);
            ops.zero(all);
            ops.scatterAdd(all, rows, gradient);
            return value;
        }
    }

    /** The output table. */
    public List<Parameter> parameters() {
        return List.of(table);
    }
}
