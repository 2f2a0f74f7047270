package io.github.sherl4j.backbone.clip;

import io.github.sherl4j.backbone.HuggingFaceConfig;
import io.github.sherl4j.layer.Activation;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Reads sizes from a Hugging Face {@code config.json} of both towers, which lie in sections, or of one of them. What such a file
 * leaves out has CLIP's defaults, those of ViT-B/32.
 */
final class ClipConfigFile {
    private static final String BOTH = "clip";

    private ClipConfigFile() {}

    static ClipImageConfig image(Path file) throws IOException {
        HuggingFaceConfig config = HuggingFaceConfig.read(file);
        HuggingFaceConfig tower = tower(config, "clip_vision_model", "vision_config");
        return config.checked(() -> new ClipImageConfig(
                tower.integer("image_size", 224),
                tower.integer("patch_size", 32),
                tower.integer("num_channels", 3),
                tower.integer("hidden_size", 768),
                tower.integer("num_hidden_layers", 12),
                tower.integer("num_attention_heads", 12),
                tower.integer("intermediate_size", 3072),
                feature(config, tower),
                activation(tower),
                tower.number("layer_norm_eps", 1e-5)));
    }

    static ClipTextConfig text(Path file) throws IOException {
        HuggingFaceConfig config = HuggingFaceConfig.read(file);
        HuggingFaceConfig tower = tower(config, "clip_text_model", "text_config");
        return config.checked(() -> new ClipTextConfig(
                tower.integer("vocab_size", 49408),
                tower.integer("max_position_embeddings", 77),
                tower.integer("hidden_size", 512),
                tower.integer("num_hidden_layers", 12),
                tower.integer("num_attention_heads", 8),
                tower.integer("intermediate_size", 2048),
                feature(config, tower),
                activation(tower),
                tower.number("layer_norm_eps", 1e-5)));
    }

    private static HuggingFaceConfig tower(HuggingFaceConfig config, String alone, String section) {
        String kind = config.oneOf("model_type", BOTH, alone);
        return kind.equals(BOTH) ? config.section(section) : config;
    }

    /** In a file of both towers the outer value holds; the sections' own are left over from their defaults. */
    private static int feature(HuggingFaceConfig config, HuggingFaceConfig tower) {
        return config.integer("projection_dim", tower.integer("projection_dim", 512));
    }

    private static Activation activation(HuggingFaceConfig tower) {
        return tower.oneOf("hidden_act", "quick_gelu", "gelu").equals("gelu") ? Activation.GELU : Activation.QUICK_GELU;
    }
}
