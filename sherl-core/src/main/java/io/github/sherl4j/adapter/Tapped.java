package io.github.sherl4j.adapter;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * An {@link AdapterInput}, checked and prepared for the reductions.
 *
 * @param positions number of positions that are consolidated
 * @param mask [batch, tokens], or null
 * @param base [batch, tokens], 1 at each example's base token and 0 elsewhere; null if no reduction needs it
 * @param openness [taps], the layer gates; null if there are none
 */
record Tapped(
        List<INDArray> states,
        long positions,
        @Nullable INDArray mask,
        @Nullable INDArray base,
        @Nullable INDArray openness) {}
