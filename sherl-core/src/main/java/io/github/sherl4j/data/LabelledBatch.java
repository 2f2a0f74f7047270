package io.github.sherl4j.data;

import org.nd4j.linalg.api.ndarray.INDArray;

/** A batch whose examples belong to classes. */
public interface LabelledBatch extends Batch {
    /** A copy of the class of each example; empty if there are none. */
    int[] labels();

    /**
     * The class of each example as an array.
     *
     * @return INT32 {@code [batch]}; owned by this batch
     * @throws IllegalStateException if the examples have no labels
     */
    INDArray labelArray();
}
