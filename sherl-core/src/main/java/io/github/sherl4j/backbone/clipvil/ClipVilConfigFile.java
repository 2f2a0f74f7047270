package io.github.sherl4j.backbone.clipvil;

import io.github.sherl4j.backbone.HuggingFaceConfig;
import java.io.IOException;
import java.nio.file.Path;

/** Reads sizes from a {@code config.json} with BERT's keys and {@code visual_feat_dim}. */
final class ClipVilConfigFile {
    private ClipVilConfigFile() {}

    static ClipVilConfig read(Path file) throws IOException {
        HuggingFaceConfig config = HuggingFaceConfig.read(file);
        return config.checked(() -> {
            config.oneOf("hidden_act", "gelu");
            return new ClipVilConfig(
                    config.integer("vocab_size"),
                    config.integer("max_position_embeddings"),
                    config.integer("type_vocab_size"),
                    config.integer("hidden_size"),
                    config.integer("num_hidden_layers"),
                    config.integer("num_attention_heads"),
                    config.integer("intermediate_size"),
                    config.integer("visual_feat_dim"),
                    config.number("layer_norm_eps", 1e-12));
        });
    }
}
