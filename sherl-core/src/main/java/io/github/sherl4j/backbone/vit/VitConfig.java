package io.github.sherl4j.backbone.vit;

import io.github.sherl4j.backbone.HuggingFaceConfig;
import io.github.sherl4j.nd.Check;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Sizes of a vision transformer.
 *
 * @param image side of a picture in pixels
 * @param patch side of a patch in pixels, a divisor of the image's
 * @param channels colours of a pixel
 * @param width length of a hidden state
 * @param layers number of transformer blocks
 * @param heads attention heads, a divisor of the width
 * @param hidden width of the feed-forward networks' inner states
 * @param normEps eps of the layer norms
 */
public record VitConfig(
        int image, int patch, int channels, int width, int layers, int heads, int hidden, double normEps) {
    /** Checks the sizes. */
    public VitConfig {
        Check.argument(image > 0, "image must be positive, but is %s", image);
        Check.argument(patch > 0 && image % patch == 0, "patch must divide the image %s, but is %s", image, patch);
        Check.argument(channels > 0, "channels must be positive, but is %s", channels);
        Check.argument(width > 0, "width must be positive, but is %s", width);
        Check.argument(layers > 0, "layers must be positive, but is %s", layers);
        Check.argument(heads > 0 && width % heads == 0, "heads must divide the width %s, but is %s", width, heads);
        Check.argument(hidden > 0, "hidden must be positive, but is %s", hidden);
        Check.argument(normEps > 0, "normEps must be positive, but is %s", normEps);
    }

    /** ViT-B/16: pictures of 224 pixels, 12 blocks of width 768, 86 million parameters. */
    public static VitConfig base16() {
        return new VitConfig(224, 16, 3, 768, 12, 12, 3072, 1e-12);
    }

    /** Number of patches of a picture, and the class token. */
    int tokens() {
        return (image / patch) * (image / patch) + 1;
    }

    /** Sizes from a Hugging Face {@code config.json}; what it leaves out has the defaults of ViT-B/16. */
    static VitConfig read(Path file) throws IOException {
        HuggingFaceConfig config = HuggingFaceConfig.read(file);
        config.oneOf("model_type", "vit");
        config.oneOf("hidden_act", "gelu");
        config.oneOf("qkv_bias", "true");
        return config.checked(() -> new VitConfig(
                config.integer("image_size", 224),
                config.integer("patch_size", 16),
                config.integer("num_channels", 3),
                config.integer("hidden_size", 768),
                config.integer("num_hidden_layers", 12),
                config.integer("num_attention_heads", 12),
                config.integer("intermediate_size", 3072),
                config.number("layer_norm_eps", 1e-12)));
    }
}
