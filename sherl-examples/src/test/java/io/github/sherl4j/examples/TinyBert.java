package io.github.sherl4j.examples;

import io.github.sherl4j.backbone.bert.BertBackbone;
import io.github.sherl4j.backbone.bert.BertConfig;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.weights.SafeTensors;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A random BERT with two layers of width 16 and a vocabulary of 30 words, as a Hugging Face folder. */
final class TinyBert {
    static final int WIDTH = 16;
    static final int LAYERS = 2;
    static final int MOST_TOKENS = 32;

    private static final BertConfig CONFIG = new BertConfig(30, MOST_TOKENS, 2, WIDTH, LAYERS, 2, 32, 1e-12);
    private static final String CONFIG_JSON = """
        {"model_type": "bert", "vocab_size": 30, "max_position_embeddings": 32, "type_vocab_size": 2,
         "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}
        """;

    private TinyBert() {}

    static Path write(Path folder) throws IOException {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("config.json"), CONFIG_JSON);
        try (InputStream tokenizer =
                Objects.requireNonNull(TinyBert.class.getResourceAsStream("tiny-tokenizer.json"))) {
            Files.copy(tokenizer, folder.resolve("tokenizer.json"));
        }
        try (BertBackbone random = BertBackbone.random(CONFIG, null, DataType.FLOAT, 1)) {
            Map<String, INDArray> tensors = new LinkedHashMap<>();
            for (Parameter parameter : random.parameters()) {
                tensors.put(parameter.name(), parameter.value());
            }
            SafeTensors.write(folder.resolve("model.safetensors"), tensors, Map.of());
        }
        return folder;
    }

    /** Number of parameters: embeddings and their norm, then the layers. */
    static long parameters() {
        long embeddings = (30 + MOST_TOKENS + 2) * WIDTH + 2 * WIDTH;
        long attention = 4 * (WIDTH * WIDTH + WIDTH);
        long feedForward = 2 * WIDTH * 32 + 32 + WIDTH;
        return embeddings + LAYERS * (attention + feedForward + 4 * WIDTH);
    }
}
