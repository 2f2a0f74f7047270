package io.github.sherl4j.backbone.clip;

import io.github.sherl4j.layer.Activation;
import io.github.sherl4j.nd.Check;

/**
 * Sizes of CLIP's text transformer.
 *
 * @param vocabulary number of tokens; the end-of-text token is the last
 * @param positions longest sequence
 * @param width length of a hidden state
 * @param layers number of transformer blocks
 * @param heads attention heads, a divisor of the width
 * @param hidden width of the feed-forward networks' inner states
 * @param feature length of the projected feature
 * @param activation of the feed-forward networks
 * @param normEps eps of the layer norms
 */
public record ClipTextConfig(
        int vocabulary,
        int positions,
        int width,
        int layers,
        int heads,
        int hidden,
        int feature,
        Activation activation,
        double normEps) {
    /** Checks the sizes. */
    public ClipTextConfig {
        Check.argument(vocabulary > 0, "vocabulary must be positive, but is %s", vocabulary);
        Check.argument(positions > 0, "positions must be positive, but is %s", positions);
        checkSizes(width, layers, heads, hidden, feature, normEps);
    }

    static void checkSizes(int width, int layers, int heads, int hidden, int feature, double normEps) {
        Check.argument(width > 0, "width must be positive, but is %s", width);
        Check.argument(layers > 0, "layers must be positive, but is %s", layers);
        Check.argument(heads > 0 && width % heads == 0, "heads must divide the width %s, but is %s", width, heads);
        Check.argument(hidden > 0, "hidden must be positive, but is %s", hidden);
        Check.argument(feature > 0, "feature must be positive, but is %s", feature);
        Check.argument(normEps > 0, "normEps must be positive, but is %s", normEps);
    }

    /** The text side of ViT-B/32 and ViT-B/16: 12 blocks of width 512, 63 million parameters. */
    public static ClipTextConfig base() {
        return new ClipTextConfig(49408, 77, 512, 12, 8, 2048, 512, Activation.QUICK_GELU, 1e-5);
    }
}
