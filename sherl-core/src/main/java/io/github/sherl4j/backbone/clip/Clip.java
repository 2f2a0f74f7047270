package io.github.sherl4j.backbone.clip;

import io.github.sherl4j.backbone.HuggingFaceFolder;
import io.github.sherl4j.data.TextTokenizer;
import io.github.sherl4j.layer.Activation;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.nd.Check;
import io.github.sherl4j.weights.AtomicFile;
import io.github.sherl4j.weights.SafeTensors;
import io.github.sherl4j.weights.WeightSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.shade.jackson.databind.ObjectMapper;
import org.nd4j.shade.jackson.databind.node.ObjectNode;

/**
 * Both towers of a CLIP, and the scale of their similarities.
 *
 * @param image owned by this record
 * @param text owned by this record
 * @param logitScale what cosines are multiplied by before the softmax, 100 in OpenAI's checkpoints
 */
public record Clip(ClipImageBackbone image, ClipTextBackbone text, double logitScale) implements AutoCloseable {
    private static final String CONFIG = "config.json";
    private static final String WEIGHTS = "model.safetensors";
    private static final String SCALE = "logit_scale";

    /** Checks that the towers belong together. */
    public Clip {
        Check.argument(
                image.featureWidth() == text.featureWidth(),
                "text must have features of length %s as image does, but has %s",
                image.featureWidth(),
                text.featureWidth());
        Check.argument(
                logitScale > 0 && Double.isFinite(logitScale), "logitScale must be positive, but is %s", logitScale);
    }

    /**
     * Loads a folder with {@code config.json} and {@code tokenizer.json} as Hugging Face has them and {@code model.safetensors},
     * whose tensors have Hugging Face's names or OpenAI's. With the latter the configuration may be missing: then the sizes are
     * read from the tensors, and attention heads are 64 wide.
     *
     * @throws IOException if a file is missing or cannot be read
     * @throws IllegalArgumentException if a file is malformed or describes another kind of network
     */
    public static Clip load(Path folder) throws IOException {
        Path config = folder.resolve(CONFIG);
        try (SafeTensors weights = SafeTensors.open(folder.resolve(WEIGHTS))) {
            double scale = scale(weights);
            boolean described = Files.exists(config);
            ClipImageConfig imageSizes = described ? ClipConfigFile.image(config) : OpenAiSizes.image(weights);
            ClipTextConfig textSizes = described ? ClipConfigFile.text(config) : OpenAiSizes.text(weights);
            ClipImageBackbone image = ClipImageBackbone.load(imageSizes, weights, DataType.FLOAT);
            try {
                ClipTextBackbone text = HuggingFaceFolder.withTokenizer(
                        folder, tokenizer -> ClipTextBackbone.load(textSizes, weights, tokenizer, DataType.FLOAT));
                return new Clip(image, text, scale);
            } catch (IOException | RuntimeException e) {
                image.close();
                throw e;
            }
        }
    }

    /** Files have its logarithm. */
    private static double scale(WeightSource weights) {
        if (!weights.names().contains(SCALE)) {
            throw new IllegalArgumentException(
                    "%s: expected a CLIP, but there is no tensor %s".formatted(weights.origin(), SCALE));
        }
        try (INDArray logarithm = weights.read(SCALE, DataType.DOUBLE)) {
            Check.argument(
                    logarithm.length() == 1,
                    "%s: %s must be one number, but has shape %s",
                    weights.origin(),
                    SCALE,
                    Arrays.toString(logarithm.shape()));
            return Math.exp(logarithm.getDouble(0));
        }
    }

    /**
     * Towers with random weights.
     *
     * @param tokenizer owned by the text tower from now on
     */
    public static Clip random(
            ClipImageConfig image, ClipTextConfig text, TextTokenizer tokenizer, double logitScale, long seed) {
        return new Clip(
                ClipImageBackbone.random(image, DataType.FLOAT, seed),
                ClipTextBackbone.random(text, tokenizer, DataType.FLOAT, seed + 1),
                logitScale);
    }

    /**
     * Writes {@code config.json} and {@code model.safetensors} under Hugging Face's names; {@code tokenizer.json} is not this
     * object's to write. Each file is replaced as a whole.
     *
     * @param folder made if it does not exist
     */
    public void save(Path folder) throws IOException {
        Files.createDirectories(folder);
        Map<String, INDArray> tensors = new LinkedHashMap<>();
        for (Parameter parameter : image.parameters()) {
            tensors.put(parameter.name(), parameter.value());
        }
        for (Parameter parameter : text.parameters()) {
            tensors.put(parameter.name(), parameter.value());
        }
        try (INDArray patches = patches();
                INDArray logarithm = Nd4j.scalar(image.type(), Math.log(logitScale))) {
            tensors.put(ClipNames.PATCHES, patches);
            tensors.put(SCALE, logarithm);
            SafeTensors.write(folder.resolve(WEIGHTS), tensors, Map.of());
        }
        AtomicFile.write(folder.resolve(CONFIG), config());
    }

    /** The patches' projection as a convolution [width, channels, patch, patch]. */
    private INDArray patches() {
        ClipImageConfig sizes = image.config();
        INDArray projection = image.parameters().stream()
                .filter(parameter -> parameter.name().equals(ClipNames.PATCHES))
                .findFirst()
                .orElseThrow()
                .value();
        INDArray channelsLast =
                projection.reshape('c', true, sizes.width(), sizes.patch(), sizes.patch(), sizes.channels());
        return channelsLast.permute(0, 3, 1, 2).dup('c');
    }

    private byte[] config() throws IOException {
        ObjectMapper mapper = new ObjectMapper();
        ClipImageConfig pictures = image.config();
        ClipTextConfig texts = text.config();
        ObjectNode json = mapper.createObjectNode();
        json.put("model_type", "clip");
        json.put("projection_dim", pictures.feature());
        ObjectNode vision = json.putObject("vision_config");
        vision.put("image_size", pictures.image());
        vision.put("patch_size", pictures.patch());
        vision.put("num_channels", pictures.channels());
        putSizes(vision, pictures.width(), pictures.layers(), pictures.heads(), pictures.hidden());
        putRest(vision, pictures.activation(), pictures.normEps());
        ObjectNode words = json.putObject("text_config");
        words.put("vocab_size", texts.vocabulary());
        words.put("max_position_embeddings", texts.positions());
        putSizes(words, texts.width(), texts.layers(), texts.heads(), texts.hidden());
        putRest(words, texts.activation(), texts.normEps());
        return mapper.writerWithDefaultPrettyPrinter().writeValueAsBytes(json);
    }

    private static void putSizes(ObjectNode json, int width, int layers, int heads, int hidden) {
        json.put("hidden_size", width);
        json.put("num_hidden_layers", layers);
        json.put("num_attention_heads", heads);
        json.put("intermediate_size", hidden);
    }

    private static void putRest(ObjectNode json, Activation activation, double normEps) {
        json.put("hidden_act", activation == Activation.GELU ? "gelu" : "quick_gelu");
        json.put("layer_norm_eps", normEps);
    }

    /** Closes both towers. */
    @Override
    public void close() {
        image.close();
        text.close();
    }
}
