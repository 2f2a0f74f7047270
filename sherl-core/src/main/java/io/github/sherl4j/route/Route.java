package io.github.sherl4j.route;

import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.layer.Step;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A way from inputs to a network's last state: with which layers run in inference, and how far gradients flow back, the
 * methods of fine-tuning differ in nothing else.
 *
 * @param <B> a batch of inputs
 */
public interface Route<B> {
    /** Shape of the result: that of the network's last state, unless the route ends elsewhere. */
    long[] resultShape(B batch);

    /**
     * Computes and keeps nothing.
     *
     * @param result {@link #resultShape} of the batch, overwritten
     */
    void infer(B batch, Context context, INDArray result);

    /**
     * Computes and keeps what the backward pass needs, in the step arena.
     *
     * @param result {@link #resultShape} of the batch, overwritten
     */
    RouteStep forward(B batch, Context context, INDArray result);

    /**
     * From now on takes the states of the frozen part from a cache in training, and puts new ones there.
     *
     * @param states not closed by the route
     * @throws UnsupportedOperationException if nothing on this route is frozen
     */
    default void cacheStates(StateCache states) {
        throw new UnsupportedOperationException("Nothing on this route is frozen, so there are no states to cache");
    }

    /** The parameters that this route trains; none if only the head learns. */
    List<Parameter> trainable();

    /** What training moves without gradients, such as running statistics; saved with the parameters. */
    default List<Parameter> buffers() {
        return List.of();
    }

    /** What a forward pass keeps. */
    interface RouteStep extends Step {
        /**
         * Adds the gradients of the route's parameters.
         *
         * @param gradOutput gradient with respect to {@link #resultShape} of the batch, overwritten
         */
        void backward(INDArray gradOutput);
    }
}
