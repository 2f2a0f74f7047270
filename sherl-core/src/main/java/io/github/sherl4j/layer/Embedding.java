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
