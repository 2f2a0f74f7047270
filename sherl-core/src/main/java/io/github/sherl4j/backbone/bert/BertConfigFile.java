package io.github.sherl4j.backbone.bert;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.nd4j.shade.jackson.core.JsonProcessingException;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.ObjectMapper;

/** Reads sizes from a Hugging Face {@code config.json}. */
final class BertConfigFile {
    private BertConfigFile() {}

    static BertConfig read(Path file) throws IOException {
        JsonNode json;
        try {
            json = new ObjectMapper().readTree(Files.readAllBytes(file));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("%s is not valid JSON: %s".formatted(file, e.getOriginalMessage()), e);
        }
        require(file, json, "model_type", "bert");
        require(file, json, "hidden_act", "gelu");
        require(file, json, "position_embedding_type", "absolute");
        int vocabulary = integer(file, json, "vocab_size");
        int positions = integer(file, json, "max_position_embeddings");
        int types = integer(file, json, "type_vocab_size");
        int width = integer(file, json, "hidden_size");
        int layers = integer(file, json, "num_hidden_layers");
        int heads = integer(file, json, "num_attention_heads");
        int hidden = integer(file, json, "intermediate_size");
        double normEps = normEps(file, json);
        try {
            return new BertConfig(vocabulary, positions, types, width, layers, heads, hidden, normEps);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("%s: %s".formatted(file, e.getMessage()), e);
        }
    }

    /** Some files leave out what is the default. */
    private static void require(Path file, JsonNode json, String key, String value) {
        String found = json.path(key).asText(value);
        if (!found.equals(value)) {
            throw new IllegalArgumentException(
                    "%s has %s \"%s\", but this network is read only with \"%s\"".formatted(file, key, found, value));
        }
    }

    private static int integer(Path file, JsonNode json, String key) {
        JsonNode node = json.path(key);
        if (!node.isInt()) {
            throw new IllegalArgumentException("%s must have an integer \"%s\", but has %s".formatted(file, key, node));
        }
        return node.intValue();
    }

    private static double normEps(Path file, JsonNode json) {
        JsonNode node = json.path("layer_norm_eps");
        if (!node.isMissingNode() && !node.isNumber()) {
            throw new IllegalArgumentException(
                    "%s must have a number \"layer_norm_eps\", but has %s".formatted(file, node));
        }
        return node.asDouble(1e-12);
    }
}
