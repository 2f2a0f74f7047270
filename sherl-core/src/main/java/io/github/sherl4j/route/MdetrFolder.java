package io.github.sherl4j.route;

import io.github.sherl4j.backbone.HuggingFaceFolder;
import io.github.sherl4j.backbone.bert.BertBackbone;
import io.github.sherl4j.backbone.bert.BertConfig;
import io.github.sherl4j.backbone.bert.BertFamily;
import io.github.sherl4j.backbone.detr.DetrConfig;
import io.github.sherl4j.backbone.detr.MdetrNetwork;
import io.github.sherl4j.backbone.resnet.ResNetBackbone;
import io.github.sherl4j.backbone.resnet.ResNetConfig;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.nd.Check;
import io.github.sherl4j.weights.PrefixedWeights;
import io.github.sherl4j.weights.SafeTensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.core.JsonProcessingException;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.ObjectMapper;

/**
 * MDETR in a folder: {@code model.safetensors} with the names of its checkpoints, {@code tokenizer.json} of its text network, and a
 * {@code config.json}
 *
 * <pre>
 * {"d_model": 256, "nheads": 8, "dim_feedforward": 2048, "enc_layers": 6, "dec_layers": 6, "num_queries": 100, "num_classes": 255,
 *  "backbone": "resnet101",
 *  "text_config": {"model_type": "roberta", "vocab_size": 50265, "max_position_embeddings": 514, "type_vocab_size": 1,
 *                  "hidden_size": 768, "num_hidden_layers": 12, "num_attention_heads": 12, "intermediate_size": 3072}}
 * </pre>
 *
 * <p>A backbone of other sizes has {@code "backbone": {"blocks": [...], "stem": 16, "widths": [...]}}: basic blocks behind a small
 * stem, for pictures of few pixels.
 */
public final class MdetrFolder {
    private static final String IMAGES = "backbone.0.body.";
    private static final String TEXTS = "transformer.text_encoder.";
    private static final String WEIGHTS = "model.safetensors";

    private MdetrFolder() {}

    /**
     * Loads a network.
     *
     * @param trainable whether the network for pictures is to be trained, too, and so has to have its batch norms
     * @return closed by the caller
     * @throws IOException if a file is missing or cannot be read
     * @throws IllegalArgumentException if a file is malformed or describes another network
     */
    public static MdetrNetwork load(Path folder, boolean trainable) throws IOException {
        Path file = folder.resolve("config.json");
        JsonNode json;
        try {
            json = new ObjectMapper().readTree(Files.readAllBytes(file));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("%s is not valid JSON: %s".formatted(file, e.getOriginalMessage()), e);
        }
        DetrConfig config = new DetrConfig(
                integer(file, json, "d_model"),
                integer(file, json, "nheads"),
                integer(file, json, "dim_feedforward"),
                integer(file, json, "enc_layers"),
                integer(file, json, "dec_layers"),
                integer(file, json, "num_queries"),
                json.path("layer_norm_eps").asDouble(1e-5));
        int classes = integer(file, json, "num_classes") + 1;
        ResNetConfig images = images(file, json.path("backbone"));
        BertConfig texts = texts(file, json.path("text_config"));
        List<AutoCloseable> open = new ArrayList<>();
        try (SafeTensors weights = SafeTensors.open(folder.resolve(WEIGHTS))) {
            PrefixedWeights own = new PrefixedWeights(weights, IMAGES);
            ResNetBackbone network = trainable
                    ? ResNetBackbone.loadTrainable(images, own, DataType.FLOAT)
                    : ResNetBackbone.load(images, own, DataType.FLOAT);
            open.add(network);
            BertBackbone text = HuggingFaceFolder.withTokenizer(
                    folder,
                    tokenizer ->
                            BertBackbone.load(texts, new PrefixedWeights(weights, TEXTS), tokenizer, DataType.FLOAT));
            open.add(text);
            return MdetrNetwork.load(config, classes, weights, network, text);
        } catch (RuntimeException | IOException e) {
            close(open, e);
            throw e;
        }
    }

    private static void close(List<AutoCloseable> open, Exception reason) {
        for (AutoCloseable one : open) {
            try {
                one.close();
            } catch (Exception e) {
                reason.addSuppressed(e);
            }
        }
    }

    /**
     * Writes a network's weights, those of the two networks in front too, under the names of MDETR's checkpoints.
     *
     * @param images with its batch norms, such as the network's own that was trained
     * @throws IOException if the file cannot be written; an older one is unharmed then
     */
    public static void saveWeights(MdetrNetwork network, ResNetBackbone images, Path folder) throws IOException {
        Check.argument(!images.isFolded(), "images must have its batch norms, but they are folded");
        Map<String, INDArray> tensors = new LinkedHashMap<>();
        network.addTensors(tensors);
        List<Parameter> own = new ArrayList<>(images.parameters());
        own.addAll(images.buffers());
        own.forEach(parameter -> tensors.put(IMAGES + parameter.name(), parameter.value()));
        network.texts().parameters().forEach(parameter -> tensors.put(TEXTS + parameter.name(), parameter.value()));
        SafeTensors.write(folder.resolve(WEIGHTS), tensors, Map.of());
    }

    private static ResNetConfig images(Path file, JsonNode json) {
        if (json.isObject()) {
            List<Integer> blocks = new ArrayList<>();
            json.path("blocks").forEach(number -> blocks.add(number.asInt()));
            List<Integer> widths = new ArrayList<>();
            json.path("widths").forEach(number -> widths.add(number.asInt()));
            return ResNetConfig.resNet18()
                    .withSizes(blocks, integer(file, json, "stem"), widths)
                    .withStem(ResNetConfig.Stem.SMALL);
        }
        return switch (json.asText()) {
            case "resnet18" -> ResNetConfig.resNet18();
            case "resnet34" -> ResNetConfig.resNet34();
            case "resnet50" -> ResNetConfig.resNet50();
            case "resnet101" -> ResNetConfig.resNet101();
            case "resnet152" -> ResNetConfig.resNet152();
            default ->
                throw new IllegalArgumentException(
                        "%s must have resnet18, 34, 50, 101 or 152 as its \"backbone\", but has %s"
                                .formatted(file, json));
        };
    }

    private static BertConfig texts(Path file, JsonNode json) {
        String type = json.path("model_type").asText();
        Check.argument(
                type.equals("roberta") || type.equals("bert"),
                "%s must have a \"text_config\" of the \"model_type\" roberta or bert, but has \"%s\"",
                file,
                type);
        boolean roberta = type.equals("roberta");
        return new BertConfig(
                integer(file, json, "vocab_size"),
                integer(file, json, "max_position_embeddings"),
                integer(file, json, "type_vocab_size"),
                integer(file, json, "hidden_size"),
                integer(file, json, "num_hidden_layers"),
                integer(file, json, "num_attention_heads"),
                integer(file, json, "intermediate_size"),
                json.path("layer_norm_eps").asDouble(roberta ? 1e-5 : 1e-12),
                roberta ? BertFamily.ROBERTA : BertFamily.BERT);
    }

    private static int integer(Path file, JsonNode json, String key) {
        JsonNode node = json.path(key);
        Check.argument(node.isInt(), "%s must have an integer \"%s\", but has %s", file, key, node);
        return node.intValue();
    }
}
