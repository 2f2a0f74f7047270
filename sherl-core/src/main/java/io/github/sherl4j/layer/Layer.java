package io.github.sherl4j.layer;

import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A function of one array with parameters. The caller makes the result, in the lifetime that it needs. */
public interface Layer {
    /**
     * Computes and keeps nothing.
     *
     * @param input not modified
     * @param result {@link #outputShape} of the input, overwritten
     */
    void infer(INDArray input, Context context, INDArray result);

    /**
     * Computes the same and keeps what the backward pass needs, in the step arena. Where a weight is trainable that may be
     * the input itself, which then has to live as long as the step.
     *
     * @param input not modified
     * @param result {@link #outputShape} of the input, overwritten
     */
    LayerStep forward(INDArray input, Context context, INDArray result);

    /** Shape of the result for a shape of the input. */
    default long[] outputShape(long... inputShape) {
        return inputShape;
    }

    /** All parameters, trainable or not. */
    List<Parameter> parameters();

    /** Arrays that belong into files as parameters do, but that no gradient moves, such as running statistics. */
    default List<Parameter> buffers() {
        return List.of();
    }
}
