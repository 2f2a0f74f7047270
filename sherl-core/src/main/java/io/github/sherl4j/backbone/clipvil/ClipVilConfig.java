package io.github.sherl4j.backbone.clipvil;

import io.github.sherl4j.nd.Check;

/**
 * Sizes of a joint transformer.
 *
 * @param vocabulary number of word pieces
 * @param positions the longest question, special tokens included
 * @param types number of segments
 * @param width length d of a hidden state
 * @param layers number of blocks
 * @param heads heads of attention, a divisor of the width
 * @param hidden width inside the feed-forward networks
 * @param visualWidth length of a picture's features
 * @param normEps added to the variances of all norms
 */
public record ClipVilConfig(
        int vocabulary,
        int positions,
        int types,
        int width,
        int layers,
        int heads,
        int hidden,
        int visualWidth,
        double normEps) {
    /** Checks the sizes. */
    public ClipVilConfig {
        Check.argument(vocabulary > 0, "vocabulary must be positive, but is %s", vocabulary);
        Check.argument(positions > 0, "positions must be positive, but is %s", positions);
        Check.argument(types > 0, "types must be positive, but is %s", types);
        Check.argument(width > 0, "width must be positive, but is %s", width);
        Check.argument(layers > 0, "layers must be positive, but is %s", layers);
        Check.argument(heads > 0 && width % heads == 0, "heads must divide the width %s, but is %s", width, heads);
        Check.argument(hidden > 0, "hidden must be positive, but is %s", hidden);
        Check.argument(visualWidth > 0, "visualWidth must be positive, but is %s", visualWidth);
        Check.argument(normEps > 0, "normEps must be positive, but is %s", normEps);
    }

    /** The published network over the grid features of CLIP's ResNet-50x4: 12 blocks of width 768. */
    public static ClipVilConfig base() {
        return new ClipVilConfig(30522, 512, 2, 768, 12, 12, 3072, 2560, 1e-12);
    }
}
