package io.github.sherl4j.head;

import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.LayerStep;
import io.github.sherl4j.layer.Parameter;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/** From a network's last states to one row for each example: logits, numbers, an embedding. */
public interface Head extends AutoCloseable {
    /** Length of a row. */
    long outputWidth();

    /**
     * Computes and keeps nothing.
     *
     * @param states [batch, positions..., width], not modified
     * @param result [batch, {@link #outputWidth}], overwritten
     */
    void infer(INDArray states, Context context, INDArray result);

    /**
     * Computes the same and keeps what the backward pass needs, in the step arena.
     *
     * @param states [batch, positions..., width], not modified
     * @param result [batch, {@link #outputWidth}], overwritten
     */
    HeadStep forward(INDArray states, Context context, INDArray result);

    /** All parameters. */
    List<Parameter> parameters();

    /** Frees the parameters that no model has made trainable. */
    @Override
    default void close() {
        parameters().forEach(Parameter::close);
    }

    /** What a forward pass through a head keeps. */
    interface HeadStep extends LayerStep {
        /** Adds the gradients of the head's parameters alone, for states that nobody wants a gradient of. */
        void backwardToParameters(INDArray gradResult);
    }
}
