package io.github.sherl4j.backbone;

import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.nd.Ops;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * What is added to attention scores so that no token sees a later one. The original adds minus infinity; a billion below every
 * score has the same weight, exactly zero, and no infinity to take care of.
 */
public final class CausalBias implements AutoCloseable {
    private static final double HIDDEN = -1e9;

    private final INDArray order;

    /**
     * Biases for sequences up to a length.
     *
     * @param positions the longest sequence
     */
    public CausalBias(DataType type, int positions) {
        this.order = Nd4j.createUninitialized(type, positions, 1);
        for (int i = 0; i < positions; i++) {
            order.putScalar(i, i);
        }
    }

    /** {@code HIDDEN * min(max(to - from, 0), 1)}: [1, 1, tokens, tokens], in the step arena. */
    public INDArray of(Memory memory, long tokens) {
        Ops ops = memory.ops();
        INDArray bias = memory.step().array(1, 1, tokens, tokens);
        INDArray square = memory.reshape(bias, tokens, tokens);
        INDArray from = memory.slices(order, 0, tokens);
        ops.subtract(memory.reshape(from, 1, tokens), from, square);
        ops.maximum(square, 0, square);
        ops.minimum(square, 1, square);
        ops.multiply(square, HIDDEN, square);
        return bias;
    }

    @Override
    public void close() {
        order.close();
    }
}
