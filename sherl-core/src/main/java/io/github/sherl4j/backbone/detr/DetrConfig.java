package io.github.sherl4j.backbone.detr;

import io.github.sherl4j.nd.Check;

/**
 * Sizes of an encoder and decoder.
 *
 * @param width length d of a state
 * @param heads heads of attention, a divisor of the width
 * @param hidden width inside the feed-forward networks
 * @param encoderLayers number of encoder blocks
 * @param decoderLayers number of decoder blocks
 * @param queries how many boxes it looks for at once
 * @param normEps added to the variances of all norms
 */
public record DetrConfig(
        int width, int heads, int hidden, int encoderLayers, int decoderLayers, int queries, double normEps) {
    /** Checks the sizes. */
    public DetrConfig {
        Check.argument(width > 0 && width % 4 == 0, "width must be a multiple of 4, but is %s", width);
        Check.argument(heads > 0 && width % heads == 0, "heads must divide the width %s, but is %s", width, heads);
        Check.argument(hidden > 0, "hidden must be positive, but is %s", hidden);
        Check.argument(encoderLayers > 0, "encoderLayers must be positive, but is %s", encoderLayers);
        Check.argument(decoderLayers > 0, "decoderLayers must be positive, but is %s", decoderLayers);
        Check.argument(queries > 0, "queries must be positive, but is %s", queries);
        Check.argument(normEps > 0, "normEps must be positive, but is %s", normEps);
    }

    /** MDETR as published: 6 and 6 blocks of width 256, 100 queries. */
    public static DetrConfig mdetr() {
        return new DetrConfig(256, 8, 2048, 6, 6, 100, 1e-5);
    }
}
