package io.github.sherl4j.layer;

import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What the cross-attention of a decoder reads: the memory that an encoder made.
 *
 * @param states [batch, source tokens, width], not modified
 * @param attentionBias added to the scores [batch, heads, tokens, source tokens], to which it is broadcast: [batch, 1, 1, source
 *     tokens] hides padding; null if there is none
 * @param gradStates in the shape of the states, to which every backward pass adds its own; null if nobody asks for it, such as
 *     where the memory is that of a frozen encoder
 */
public record Source(
        INDArray states,
        @Nullable INDArray attentionBias,
        @Nullable INDArray gradStates) {}
