package io.github.sherl4j.route;

import io.github.sherl4j.backbone.HuggingFaceConfig;
import io.github.sherl4j.backbone.HuggingFaceFolder;
import io.github.sherl4j.backbone.bert.BertBackbone;
import io.github.sherl4j.backbone.bert.BertConfig;
import io.github.sherl4j.backbone.detr.DetrConfig;
import io.github.sherl4j.backbone.detr.MdetrNetwork;
import io.github.sherl4j.backbone.resnet.ResNetBackbone;
import io.github.sherl4j.backbone.resnet.ResNetConfig;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.nd.Check;
import io.github.sherl4j.weights.PrefixedWeights;
import io.github.sherl4j.weights.SafeTensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * MDETR in a folder: {@code model.safetensors} with the names of its checkpoints, {@code tokenizer.json} of its text network, and a
 * {@code config.json}
 *
 * <pre>
 * {"d_model": 256, "nheads": 8, "dim_feedforward": 2048, "enc_layers": 6, "dec_layers": 6, "num_queries": 100, "num_classes": 255,
 *  "backbone": "resnet101",
 *  "text_config": {"model_type": "roberta", "vocab_size": 50265, "max_position_embeddings": 514, "type_vocab_size": 1,
 *                  "hidden_size": 768, "num_hidden_layers": 12, "num_attention_heads": 12, "intermediate_size": 3072,
 *                  "layer_norm_eps": 1e-5}}
 * </pre>
 *
 * <p>A backbone of other sizes has {@code "backbone": {"blocks": [...], "stem": 16, "widths": [...]}}: basic blocks behind a small
 * stem, for pictures of few pixels.
 */
public final class MdetrFolder {
    private static final String IMAGES = "backbone.0.body.";
    private static final String TEXTS = "transformer.text_encoder.";
    private static final String BACKBONE = "backbone";
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
        HuggingFaceConfig json = HuggingFaceConfig.read(folder.resolve("config.json"));
        DetrConfig config = json.checked(() -> new DetrConfig(
                json.integer("d_model"),
                json.integer("nheads"),
                json.integer("dim_feedforward"),
                json.integer("enc_layers"),
                json.integer("dec_layers"),
                json.integer("num_queries"),
                json.number("layer_norm_eps", 1e-5)));
        int classes = json.integer("num_classes") + 1;
        ResNetConfig images = json.checked(() -> images(json));
        BertConfig texts = BertConfig.of(json.section("text_config"));
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

    private static ResNetConfig images(HuggingFaceConfig json) {
        Check.argument(json.has(BACKBONE), "\"%s\" must be a ResNet's name or its sizes, but is missing", BACKBONE);
        if (json.hasSection(BACKBONE)) {
            HuggingFaceConfig sizes = json.section(BACKBONE);
            return ResNetConfig.resNet18()
                    .withSizes(sizes.integers("blocks"), sizes.integer("stem"), sizes.integers("widths"))
                    .withStem(ResNetConfig.Stem.SMALL);
        }
        String name = json.oneOf(BACKBONE, "resnet101", "resnet18", "resnet34", "resnet50", "resnet152");
        return switch (name) {
            case "resnet18" -> ResNetConfig.resNet18();
            case "resnet34" -> ResNetConfig.resNet34();
            case "resnet50" -> ResNetConfig.resNet50();
            case "resnet152" -> ResNetConfig.resNet152();
            default -> ResNetConfig.resNet101();
        };
    }
}
