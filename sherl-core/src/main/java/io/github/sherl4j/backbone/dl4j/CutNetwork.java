package io.github.sherl4j.backbone.dl4j;

import io.github.sherl4j.data.GraphBatch;
import io.github.sherl4j.layer.Step;
import io.github.sherl4j.nd.Memory;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A network cut in two, its states in its own shapes. */
interface CutNetwork {
    /** Takes a tapped state while it is alive. */
    @FunctionalInterface
    interface Tap {
        void take(int index, INDArray state);
    }

    /**
     * What the late part needs of the early part beside the cut.
     *
     * @param side results that nodes behind the cut read past the adapter, such as skip connections
     * @param masks by name of the state that they go with
     * @param batch the batch that was computed
     */
    record Early(Map<String, INDArray> side, Map<String, Masked> masks, GraphBatch batch) {}

    /** What a forward pass through the late part keeps. */
    interface LateStep extends Step {
        /** The last state, in the network's own shape. */
        INDArray output();

        /** The mask that goes with the last state, or null. */
        @Nullable
        INDArray outputMask();

        /**
         * Computes the gradient of the cut.
         *
         * @param gradOutput in the shape of the output, not modified
         * @param gradCut in the shape of the cut, overwritten
         */
        void backward(INDArray gradOutput, INDArray gradCut);
    }

    /** Names of the inputs, in the order of a batch's features. */
    List<String> inputs();

    /** Name of the last state. */
    String output();

    /**
     * Runs the early part in inference.
     *
     * @param lifetime where the arrays of the result are to lie
     */
    Early early(Memory memory, GraphBatch batch, ArrayPool pool, Place lifetime, Tap tap);

    /**
     * Runs the late part in inference.
     *
     * @param cut the state that replaces that of the cut; if it is of the pool, it is released
     * @return the last state, of the pool, or the cut itself if nothing follows it, and its mask
     */
    Late infer(Memory memory, Early early, ArrayPool pool, INDArray cut);

    /** The result of the late part in inference. */
    record Late(INDArray output, @Nullable INDArray mask) {}

    /**
     * Runs the late part and keeps what its backward pass needs.
     *
     * @param cut the state that replaces that of the cut, alive as long as the step
     */
    LateStep forward(Memory memory, Early early, INDArray cut);
}
