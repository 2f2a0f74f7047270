package io.github.sherl4j.adapter;

import io.github.sherl4j.layer.BatchNorm;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.layer.Step;
import io.github.sherl4j.nd.Memory;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/** From one tapped state to one of the reduced states, a slice of [slots, positions, reduced width], the guide's being last. */
interface Reduction {
    /**
     * Computes and keeps nothing.
     *
     * @param reduced [slots, positions, reduced width], of which this reduction's slice is overwritten; a guide from outside
     *     is there already
     */
    void infer(Tapped tapped, Context context, INDArray reduced);

    /** Computes the same and keeps what the backward pass needs, in the step arena. */
    Kept forward(Tapped tapped, Context context, INDArray reduced);

    /** Whether the tapped state has to live as long as the step. */
    boolean keepsState();

    List<Parameter> parameters();

    /** The batch norms in it. */
    default List<BatchNorm> norms() {
        return List.of();
    }

    /** Slice of one reduced state, [positions, reduced width]. */
    static INDArray slice(Memory memory, INDArray reduced, long index) {
        INDArray part = memory.slices(reduced, index, index + 1);
        return memory.reshape(part, reduced.size(1), reduced.size(2));
    }

    /** What a forward pass keeps. */
    interface Kept extends Step {
        /**
         * Adds the gradients of the reduction's parameters and, if asked for, of the state.
         *
         * @param reduced as the forward pass left it
         * @param gradReduced gradients of all reduced states; this one's slice may be overwritten, and that of a guide from
         *     outside is added to
         * @param state the tapped state and where to add its gradient; null if that is not asked for
         */
        void backward(INDArray reduced, INDArray gradReduced, @Nullable StateGradient state);
    }

    /**
     * A tapped state and the gradient that is added to, both in one shape.
     *
     * @param state not modified
     * @param gradient added to
     */
    record StateGradient(INDArray state, INDArray gradient) {}
}
