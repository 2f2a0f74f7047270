package io.github.sherl4j.adapter;

import io.github.sherl4j.layer.BatchNorm;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.layer.Step;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/** From the consolidated state to the network's width. */
interface Expansion {
    /**
     * Computes and keeps nothing.
     *
     * @param consolidated [positions, reduced width], may be overwritten
     * @param result [..., width], overwritten
     */
    void infer(INDArray consolidated, Context context, INDArray result);

    /** Computes the same and keeps what the backward pass needs; {@code consolidated} lies in the step arena. */
    Kept forward(INDArray consolidated, Context context, INDArray result);

    List<Parameter> parameters();

    /** The batch norms in it. */
    default List<BatchNorm> norms() {
        return List.of();
    }

    /** What a forward pass keeps. */
    interface Kept extends Step {
        /**
         * Adds the gradients of the parameters.
         *
         * @param gradOutput [..., width], overwritten
         * @return gradient of the consolidated state, an array of the scratch arena
         */
        INDArray backward(INDArray gradOutput);
    }
}
