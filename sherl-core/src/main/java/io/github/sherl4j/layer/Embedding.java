package io.github.sherl4j.layer;

import io.github.sherl4j.nd.Check;
import io.github.sherl4j.nd.Memory;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A table of vectors by index: table [entries, width]. */
public final class Embedding {
    private final Parameter table;

    /** A lookup in a table [entries, width]. */
    public Embedding(Parameter table) {
        Check.shape(table.name(), table.value(), Check.ANY, Check.ANY);
        this.table = table;
    }

    /**
     * Looks up.
     *
     * @param indices INT32 [n], each below the number of entries
     * @param result [n, width], overwritten
     */
    public void infer(Memory memory, INDArray indices, INDArray result) {
        memory.ops().gather(table.value(), indices, result);
    }

    /**
     * Adds to the gradient of the rows that were looked up, if the table is trainable.
     *
     * @param indices INT32 [n] of the forward pass; may repeat
     * @param gradOutput [n, width], not modified
     */
    public void addGradients(Memory memory, INDArray indices, INDArray gradOutput) {
        if (table.trainable()) {
            memory.ops().scatterAdd(table.gradient(), indices, gradOutput);
        }
    }

    /**
     * Adds consecutive vectors to all sequences, as learned positions are: {@code states[b][t] += table[first + t]}.
     *
     * @param states [batch, tokens, width], in C order, overwritten
     */
    public void addSequence(Memory memory, INDArray states, long first) {
        INDArray part = memory.slices(table.value(), first, first + states.size(1));
        INDArray bySequence = memory.reshape(states, states.size(0), part.length());
        memory.ops().addRow(bySequence, memory.reshape(part, part.length()), bySequence);
    }

    /**
     * Adds to the gradient of the vectors that {@link #addSequence} added, if the table is trainable.
     *
     * @param gradStates [batch, tokens, width], in C order, not modified
     */
    public void addSequenceGradients(Memory memory, INDArray gradStates, long first) {
        if (table.trainable()) {
            INDArray part = memory.slices(table.gradient(), first, first + gradStates.size(1));
            INDArray bySequence = memory.reshape(gradStates, gradStates.size(0), part.length());
            memory.ops().sumColumns(bySequence, memory.reshape(part, part.length(), 1), 1);
        }
    }

    /** Number of vectors. */
    public long entries() {
        return table.value().size(0);
    }

    /** Length of each vector. */
    public long width() {
        return table.value().size(1);
    }

    /** The table. */
    public Parameter table() {
        return table;
    }
}
