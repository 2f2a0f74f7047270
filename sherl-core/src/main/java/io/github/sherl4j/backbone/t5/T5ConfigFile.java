package io.github.sherl4j.backbone.t5;

import io.github.sherl4j.backbone.HuggingFaceConfig;
import java.io.IOException;
import java.nio.file.Path;

/** Reads sizes from a Hugging Face {@code config.json} of a T5 or mT5. What such files may leave out is T5's default. */
final class T5ConfigFile {
    private T5ConfigFile() {}

    static T5Config read(Path file) throws IOException {
        HuggingFaceConfig config = HuggingFaceConfig.read(file);
        config.oneOf("model_type", "t5", "mt5");
        return config.checked(() -> {
            int layers = config.integer("num_layers");
            return new T5Config(
                    config.integer("vocab_size"),
                    config.integer("d_model"),
                    config.integer("d_kv"),
                    config.integer("num_heads"),
                    config.integer("d_ff"),
                    layers,
                    config.integer("num_decoder_layers", layers),
                    config.integer("relative_attention_num_buckets", 32),
                    config.integer("relative_attention_max_distance", 128),
                    config.number("layer_norm_epsilon", 1e-6),
                    config.oneOf("feed_forward_proj", "relu", "gated-gelu").equals("gated-gelu"),
                    config.oneOf("tie_word_embeddings", "true", "false").equals("true"),
                    config.integer("n_positions", T5Config.MAX_TOKENS),
                    config.integer("decoder_start_token_id", 0),
                    config.integer("eos_token_id", 1));
        });
    }
}
