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
 * @param attentionBias added to attention scores [batch, heads, tokens, tokens], to which it is broadcast: [batch, 1, 1, tokens]
 *     hides padding, [1, 1, tokens, tokens] hides later tokens from earlier ones; null if there is none
 * @param summaryTokens INT32 [batch]: the index of each sample's token that stands for it as a whole, such as its end-of-text
 *     token; null if that is the first one everywhere
 * @param seed seed of this step's dropout; empty means that nothing is dropped
 * @param positionBias what self-attention adds to its scores for the distance of two tokens; null if positions are known
 *     otherwise
 * @param source what the cross-attention of a decoder's layers reads; null for layers without it
 * @param sampleShares [wholes, samples]: each sample's share in the mean of the whole that it belongs to, as frames belong to a
 *     video; null if each sample stands for itself
 */
public record Context(
        Memory memory,
        @Nullable INDArray mask,
        @Nullable INDArray attentionBias,
        @Nullable INDArray summaryTokens,
        OptionalLong seed,
        @Nullable PositionBias positionBias,
        @Nullable Source source,
        @Nullable INDArray sampleShares) {
    /** A context without position biases and source, in which each sample stands for itself. */
    public Context(
            Memory memory,
            @Nullable INDArray mask,
            @Nullable INDArray attentionBias,
            @Nullable INDArray summaryTokens,
            OptionalLong seed) {
        this(memory, mask, attentionBias, summaryTokens, seed, null, null, null);
    }

    /** A context in which the first token stands for each sample. */
    public Context(Memory memory, @Nullable INDArray mask, @Nullable INDArray attentionBias, OptionalLong seed) {
        this(memory, mask, attentionBias, null, seed);
    }

    /** A context without padding and dropout. */
    public static Context of(Memory memory) {
        return new Context(memory, null, null, OptionalLong.empty());
    }

    /** The same with position biases. */
    public Context withPositionBias(PositionBias newPositionBias) {
        return new Context(memory, mask, attentionBias, summaryTokens, seed, newPositionBias, source, sampleShares);
    }

    /** The same with a source for cross-attention. */
    public Context withSource(Source newSource) {
        return new Context(memory, mask, attentionBias, summaryTokens, seed, positionBias, newSource, sampleShares);
    }

    /** The same for samples that belong to wholes. */
    public Context withSampleShares(INDArray newShares) {
        return new Context(memory, mask, attentionBias, summaryTokens, seed, positionBias, source, newShares);
    }

    /** The seed for one use of randomness in this step. */
    OptionalLong seedFor(long use) {
        return seed.isEmpty() ? seed : OptionalLong.of(Rng.derive(seed.getAsLong(), use));
    }
}
