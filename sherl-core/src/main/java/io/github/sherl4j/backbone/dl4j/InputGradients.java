package io.github.sherl4j.backbone.dl4j;

import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Takes the gradients with respect to a node's inputs, which add up over all nodes that read an input. */
interface InputGradients {
    /** Whether anybody asks for the gradient of this input: it depends on the cut. */
    boolean wanted(int input);

    /**
     * Adds a gradient.
     *
     * @param gradient in the input's shape, copied
     */
    void add(int input, @Nullable INDArray gradient);

    /** An uninitialised array in the input's shape, to be filled and handed to {@link #filled}. */
    INDArray array(int input);

    /** An uninitialised array for the time of one backward pass, to be handed back to {@link #release}. */
    INDArray temporary(long... shape);

    /** Takes a temporary array back. */
    void release(INDArray array);

    /** Adds a gradient that lies in an array of {@link #array}. */
    void filled(int input, INDArray gradient);
}
