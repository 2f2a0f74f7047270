package io.github.sherl4j.backbone.bert;

import io.github.sherl4j.backbone.HuggingFaceConfig;
import java.io.IOException;
import java.nio.file.Path;

/** Reads sizes from a Hugging Face {@code config.json} of BERT, RoBERTa or DistilBERT, which its model type tells. */
final class BertConfigFile {
    private static final int ROBERTA_PADDING = 1;

    private BertConfigFile() {}

    static BertConfig read(Path file) throws IOException {
        return read(HuggingFaceConfig.read(file));
    }

    static BertConfig read(HuggingFaceConfig config) {
        String modelType = config.oneOf(
                "model_type",
                BertFamily.BERT.modelType(),
                BertFamily.ROBERTA.modelType(),
                BertFamily.DISTILBERT.modelType());
        return config.checked(() -> modelType.equals(BertFamily.DISTILBERT.modelType())
                ? distilBert(config)
                : bert(config, modelType.equals(BertFamily.ROBERTA.modelType())));
    }

    private static BertConfig bert(HuggingFaceConfig config, boolean roberta) {
        config.oneOf("hidden_act", "gelu");
        config.oneOf("position_embedding_type", "absolute");
        if (roberta) {
            config.oneOf("pad_token_id", Integer.toString(ROBERTA_PADDING));
        }
        return new BertConfig(
                config.integer("vocab_size"),
                config.integer("max_position_embeddings"),
                config.integer("type_vocab_size"),
                config.integer("hidden_size"),
                config.integer("num_hidden_layers"),
                config.integer("num_attention_heads"),
                config.integer("intermediate_size"),
                config.number("layer_norm_eps", 1e-12),
                roberta ? BertFamily.ROBERTA : BertFamily.BERT);
    }

    private static BertConfig distilBert(HuggingFaceConfig config) {
        config.oneOf("activation", "gelu");
        return new BertConfig(
                config.integer("vocab_size"),
                config.integer("max_position_embeddings"),
                0,
                config.integer("dim"),
                config.integer("n_layers"),
                config.integer("n_heads"),
                config.integer("hidden_dim"),
                1e-12,
                BertFamily.DISTILBERT);
    }
}
