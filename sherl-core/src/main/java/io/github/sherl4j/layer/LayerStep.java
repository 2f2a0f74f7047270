package io.github.sherl4j.layer;

import org.nd4j.linalg.api.ndarray.INDArray;

/** A step of a layer with one input and one output. */
public interface LayerStep extends Step {
    /**
     * Adds the gradients of trainable parameters to their gradient views, and returns the gradient with respect to the
     * layer's input.
     *
     * @param gradOutput gradient with respect to the layer's result, in its shape; may be overwritten, where the layer says
     *     so
     * @return the gradient in the input's shape: an array of the scratch arena in the caller's scope, or {@code gradOutput}
     *     itself
     */
    INDArray backward(INDArray gradOutput);
}
