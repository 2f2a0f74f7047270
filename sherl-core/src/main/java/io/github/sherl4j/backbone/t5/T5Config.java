package io.github.sherl4j.backbone.t5;

import io.github.sherl4j.nd.Check;

/**
 * Sizes of a T5.
 *
 * @param vocabulary number of token ids
 * @param width length of a state
 * @param keyWidth length of a head's queries, keys and values; heads together may be wider or narrower than a state
 * @param heads number of attention heads
 * @param hidden length of a state inside a feed-forward network
 * @param layers number of the encoder's blocks
 * @param decoderLayers number of the decoder's blocks
 * @param buckets number of buckets of distances
 * @param maxDistance the distance where the last bucket begins
 * @param normEps added to the mean of squares
 * @param gated whether feed-forward networks are gated with GELU, as in version 1.1; else they have ReLU
 * @param tied whether the output table is that of the embeddings, as in version 1.0
 * @param maxTokens the longest text on each side, special tokens included; T5 was trained on 512
 * @param startToken what the decoder reads before the first token
 * @param endToken what ends a text
 */
public record T5Config(
        int vocabulary,
        int width,
        int keyWidth,
        int heads,
        int hidden,
        int layers,
        int decoderLayers,
        int buckets,
        int maxDistance,
        double normEps,
        boolean gated,
        boolean tied,
        int maxTokens,
        int startToken,
        int endToken) {
    private static final int BUCKETS = 32;
    private static final int MAX_DISTANCE = 128;
    private static final double NORM_EPS = 1e-6;
    static final int MAX_TOKENS = 512;

    /** Checks the sizes. */
    public T5Config {
        Check.argument(vocabulary > 1, "vocabulary must be more than 1, but is %s", vocabulary);
        positive("width", width);
        positive("keyWidth", keyWidth);
        positive("heads", heads);
        positive("hidden", hidden);
        positive("layers", layers);
        positive("decoderLayers", decoderLayers);
        Check.argument(buckets > 0 && buckets % 4 == 0, "buckets must be a positive multiple of 4, but is %s", buckets);
        Check.argument(
                maxDistance > buckets / 2, "maxDistance must be more than %s, but is %s", buckets / 2, maxDistance);
        Check.argument(normEps > 0, "normEps must be positive, but is %s", normEps);
        positive("maxTokens", maxTokens);
        token("startToken", startToken, vocabulary);
        token("endToken", endToken, vocabulary);
    }

    private static void positive(String name, int value) {
        Check.argument(value > 0, "%s must be positive, but is %s", name, value);
    }

    private static void token(String name, int value, int vocabulary) {
        Check.argument(
                value >= 0 && value < vocabulary,
                "%s must be from 0 to less than the vocabulary's %s, but is %s",
                name,
                vocabulary,
                value);
    }

    /** A T5 of version 1.0, whose start token is 0 and end token 1. */
    public static T5Config of(int vocabulary, int width, int keyWidth, int heads, int hidden, int layers) {
        return new T5Config(
                vocabulary,
                width,
                keyWidth,
                heads,
                hidden,
                layers,
                layers,
                BUCKETS,
                MAX_DISTANCE,
                NORM_EPS,
                false,
                true,
                MAX_TOKENS,
                0,
                1);
    }

    /** T5-small: 6 + 6 blocks of width 512, 61 million parameters. */
    public static T5Config small() {
        return of(32128, 512, 64, 8, 2048, 6);
    }

    /** T5-base: 12 + 12 blocks of width 768, 223 million parameters. */
    public static T5Config base() {
        return of(32128, 768, 64, 12, 3072, 12);
    }

    /** T5-large: 24 + 24 blocks of width 1024, 738 million parameters. */
    public static T5Config large() {
        return of(32128, 1024, 64, 16, 4096, 24);
    }

    /** T5-3b: 24 + 24 blocks of width 1024 with wide heads. */
    public static T5Config threeBillion() {
        return of(32128, 1024, 128, 32, 16384, 24);
    }

    /** The same as version 1.1 has it: gated feed-forward networks, an output table of its own. */
    public T5Config withGatesAndOutput() {
        return new T5Config(
                vocabulary,
                width,
                keyWidth,
                heads,
                hidden,
                layers,
                decoderLayers,
                buckets,
                maxDistance,
                normEps,
                true,
                false,
                maxTokens,
                startToken,
                endToken);
    }

    /** Width of all heads together. */
    public long inner() {
        return (long) heads * keyWidth;
    }
}
