package io.github.sherl4j.head;

import io.github.sherl4j.nd.Check;

/**
 * How an {@link EmbeddingHead} makes a vector of states.
 *
 * @param embed length of the vector
 * @param pooling how tokens are pooled
 * @param generalized sizes of the generalized pooling; not looked at by the others
 * @param normalize whether the vector is divided by its length
 * @param normEps added to that length
 */
public record EmbeddingOptions(
        int embed, TokenPooling pooling, GeneralizedPooling.Options generalized, boolean normalize, double normEps) {
    /** How tokens are pooled. */
    public enum TokenPooling {
        /** By the generalized pooling operator, which is learned. */
        GENERALIZED,
        /** By the mean over all tokens that are no padding. */
        MEAN,
        /** By taking the first token. */
        CLS
    }

    /** Checks. */
    public EmbeddingOptions {
        Check.argument(embed >= 1, "embed must be at least 1, but is %s", embed);
        Check.argument(normEps > 0, "normEps must be positive, but is %s", normEps);
    }

    /** As published for retrieval of images and texts: 1024, generalized pooling, length 1, 1e-8. */
    public static EmbeddingOptions defaults() {
        return new EmbeddingOptions(1024, TokenPooling.GENERALIZED, GeneralizedPooling.Options.defaults(), true, 1e-8);
    }

    /** With another length of the vector. */
    public EmbeddingOptions withEmbed(int newEmbed) {
        return new EmbeddingOptions(newEmbed, pooling, generalized, normalize, normEps);
    }

    /** With another pooling. */
    public EmbeddingOptions withPooling(TokenPooling newPooling) {
        return new EmbeddingOptions(embed, newPooling, generalized, normalize, normEps);
    }

    /** With other sizes of the generalized pooling. */
    public EmbeddingOptions withGeneralized(GeneralizedPooling.Options newGeneralized) {
        return new EmbeddingOptions(embed, pooling, newGeneralized, normalize, normEps);
    }

    /** With or without division by the length. */
    public EmbeddingOptions withNormalize(boolean newNormalize) {
        return new EmbeddingOptions(embed, pooling, generalized, newNormalize, normEps);
    }

    /** With another number added to the length. */
    public EmbeddingOptions withNormEps(double newNormEps) {
        return new EmbeddingOptions(embed, pooling, generalized, normalize, newNormEps);
    }
}
