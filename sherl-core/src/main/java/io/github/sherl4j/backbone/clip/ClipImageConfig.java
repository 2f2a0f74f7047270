package io.github.sherl4j.backbone.clip;

import io.github.sherl4j.layer.Activation;
import io.github.sherl4j.nd.Check;

/**
 * Sizes of CLIP's vision transformer.
 *
 * @param image side of a picture in pixels
 * @param patch side of a patch in pixels, a divisor of the image's
 * @param channels colours of a pixel
 * @param width length of a hidden state
 * @param layers number of transformer blocks
 * @param heads attention heads, a divisor of the width
 * @param hidden width of the feed-forward networks' inner states
 * @param feature length of the projected feature
 * @param activation of the feed-forward networks
 * @param normEps eps of the layer norms
 */
public record ClipImageConfig(
        int image,
        int patch,
        int channels,
        int width,
        int layers,
        int heads,
        int hidden,
        int feature,
        Activation activation,
        double normEps) {
    /** Checks the sizes. */
    public ClipImageConfig {
        Check.argument(image > 0, "image must be positive, but is %s", image);
        Check.argument(patch > 0 && image % patch == 0, "patch must divide the image %s, but is %s", image, patch);
        Check.argument(channels > 0, "channels must be positive, but is %s", channels);
        ClipTextConfig.checkSizes(width, layers, heads, hidden, feature, normEps);
    }

    /** ViT-B/32: pictures of 224 pixels, 12 blocks of width 768, 88 million parameters. */
    public static ClipImageConfig base32() {
        return new ClipImageConfig(224, 32, 3, 768, 12, 12, 3072, 512, Activation.QUICK_GELU, 1e-5);
    }

    /** ViT-B/16: pictures of 224 pixels, 12 blocks of width 768, 86 million parameters. */
    public static ClipImageConfig base16() {
        return new ClipImageConfig(224, 16, 3, 768, 12, 12, 3072, 512, Activation.QUICK_GELU, 1e-5);
    }

    /** Number of patches of a picture, and the class token. */
    int tokens() {
        return (image / patch) * (image / patch) + 1;
    }
}
