package io.github.sherl4j.backbone;

import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.Layer;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.nd.Memory;
import java.util.List;
import java.util.OptionalLong;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A pre-trained network as a stem and a chain of blocks. State 0 is the stem's result, state i that of block i - 1. It is
 * frozen as loaded and deterministic, several threads may compute with it at once, and several models may share it.
 *
 * @param <B> a batch of its inputs
 */
public interface Backbone<B> extends AutoCloseable {
    /** From inputs to state 0. */
    Stem<B> stem();

    /** From each state to the next. */
    List<Layer> blocks();

    /** Shape of state 0, such as [batch, tokens, width]. */
    long[] stateShape(B batch);

    /** Shape of any state: 0 is the stem's result, i that of block i - 1. */
    default long[] stateShape(B batch, int index) {
        long[] shape = stateShape(batch);
        for (Layer block : blocks().subList(0, index)) {
            shape = block.outputShape(shape);
        }
        return shape;
    }

    /** Length of the last dimension of the last state. */
    long width();

    /** Length of the last dimension of any state. */
    default long width(int index) {
        return width();
    }

    /** Type of weights and states. */
    DataType type();

    /** What the layers need to know of a batch; arrays lie in the memory's step arena. */
    Context context(Memory memory, B batch, OptionalLong seed);

    /** All parameters, in the order of the network. */
    List<Parameter> parameters();

    /** Running statistics and the like: in files, but never trained; none unless said otherwise. */
    default List<Parameter> buffers() {
        return List.of();
    }

    /** A digest of sizes and weights as they were loaded: equal for equal checkpoints only. */
    String fingerprint();

    /** Frees the weights. */
    @Override
    void close();

    /** The first part of a network. */
    interface Stem<B> {
        /**
         * Computes state 0 and keeps nothing.
         *
         * @param result {@link #stateShape} of the batch, overwritten
         */
        void infer(B batch, Context context, INDArray result);

        /**
         * Computes state 0 and keeps what its backward pass needs.
         *
         * @param result {@link #stateShape} of the batch, overwritten
         */
        StemStep forward(B batch, Context context, INDArray result);
    }

    /** What a forward pass through the stem keeps. */
    interface StemStep extends io.github.sherl4j.layer.Step {
        /**
         * Adds the gradients of trainable parameters; nothing comes before the stem.
         *
         * @param gradOutput gradient with respect to state 0, overwritten
         */
        void backward(INDArray gradOutput);
    }
}
