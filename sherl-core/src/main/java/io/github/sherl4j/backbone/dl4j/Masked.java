package io.github.sherl4j.backbone.dl4j;

import org.deeplearning4j.nn.api.MaskState;
import org.jspecify.annotations.Nullable;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The mask that goes with a node's result, as Deeplearning4j hands it from layer to layer.
 *
 * @param mask 1 for what counts and 0 for padding, [batch, time] for time series; null for none
 * @param state whether layers apply it, or hand it on only; null if there is nothing to hand on
 */
record Masked(@Nullable INDArray mask, @Nullable MaskState state) {
    /** No mask. */
    static final Masked NONE = new Masked(null, null);

    static Masked of(@Nullable Pair<INDArray, MaskState> pair) {
        return pair == null ? NONE : new Masked(pair.getFirst(), pair.getSecond());
    }
}
