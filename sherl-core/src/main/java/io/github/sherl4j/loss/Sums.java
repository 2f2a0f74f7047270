package io.github.sherl4j.loss;

import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.Memory;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Sums of all numbers, which the host reads. */
final class Sums {
    private Sums() {}

    /** The sum of an array in C order. */
    static double of(Memory memory, INDArray array) {
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray sum = memory.scratch().array(1, 1);
            memory.ops().sumRows(memory.reshape(array, 1, array.length()), sum);
            return sum.getDouble(0);
        }
    }
}
