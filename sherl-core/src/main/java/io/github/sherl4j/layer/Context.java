package io.github.sherl4j.layer;

import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.nd.Rng;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What a layer needs to know of the batch beside its input.
 *
 * @param memory where to compute
 * @param mask [batch, tokens], 1 for a token and 0 for padding; null if there is no padding
 * @param attentionBias [batch, 1, 1, tokens], added to attention scores; null if there is none
 * @param seed seed of this step's dropout; empty means that nothing is dropped
 */
public record Context(
        Memory memory, @Nullable INDArray mask, @Nullable INDArray attentionBias, OptionalLong seed) {
    /** A context without padding and dropout. */
    public static Context of(Memory memory) {
        return new Context(memory, null, null, OptionalLong.empty());
    }

    /** The seed for one use of randomness in this step. */
    OptionalLong seedFor(long use) {
        return seed.isEmpty() ? seed : OptionalLong.of(Rng.derive(seed.getAsLong(), use));
    }
}
