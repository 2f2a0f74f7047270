package io.github.sherl4j.barlow.pretrain;

import io.github.sherl4j.backbone.resnet.ResNetBackbone;
import io.github.sherl4j.backbone.resnet.ResNetConfig;
import io.github.sherl4j.data.ImageTransform;
import io.github.sherl4j.data.Interpolation;
import io.github.sherl4j.data.PixelNorm;
import io.github.sherl4j.nd.Check;
import io.github.sherl4j.weights.AtomicFile;
import io.github.sherl4j.weights.SafeTensors;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.shade.jackson.core.JsonProcessingException;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.ObjectMapper;
import org.nd4j.shade.jackson.databind.node.ObjectNode;

/**
 * A pre-trained network in a folder: {@code model.safetensors} under torchvision's names, and {@code config.json} with what it
 * takes to use it, the network's sizes and what pictures have to become.
 *
 * <pre>
 * {"kind": "BASIC", "depths": [1, 1, 1], "stem_width": 32, "widths": [32, 64, 128], "groups": 1, "group_width": 64,
 *  "stem": "SMALL", "layout": "TORCHVISION", "norm_eps": 1.0E-5,
 *  "resize": 28, "crop": 28, "interpolation": "BILINEAR", "mean": [0.5, 0.5, 0.5], "deviation": [0.25, 0.25, 0.25]}
 * </pre>
 *
 * @param network sizes
 * @param transform from a picture to the network's input, for evaluation
 */
public record SavedEncoder(ResNetConfig network, ImageTransform transform) {
    private static final String CONFIG = "config.json";
    private static final String WEIGHTS = "model.safetensors";
    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * Writes both files, the weights first.
     *
     * @param folder made if it does not exist
     * @param encoder of these sizes, with norms
     * @throws IOException if a file cannot be written; what was there stays
     */
    public void write(Path folder, ResNetBackbone encoder) throws IOException {
        Check.argument(
                encoder.config().withZeroLastNorm(false).equals(network.withZeroLastNorm(false)),
                "encoder must be of the sizes %s, but is of %s",
                network,
                encoder.config());
        Files.createDirectories(folder);
        encoder.save(folder.resolve(WEIGHTS));
        ObjectNode json = JSON.createObjectNode()
                .put("kind", network.kind().name())
                .put("stem_width", network.stemWidth())
                .put("groups", network.groups())
                .put("group_width", network.groupWidth())
                .put("stem", network.stem().name())
                .put("layout", network.layout().name())
                .put("norm_eps", network.normEps())
                .put("resize", transform.resize())
                .put("crop", transform.crop())
                .put("interpolation", transform.interpolation().name());
        json.set("depths", JSON.valueToTree(network.depths()));
        json.set("widths", JSON.valueToTree(network.widths()));
        json.set("mean", JSON.valueToTree(transform.norm().mean()));
        json.set("deviation", JSON.valueToTree(transform.norm().deviation()));
        AtomicFile.write(
                folder.resolve(CONFIG), json.toPrettyString().concat("\n").getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Reads a folder's configuration.
     *
     * @throws IOException if there is none, or it cannot be read
     * @throws IllegalArgumentException if it is malformed
     */
    public static SavedEncoder read(Path folder) throws IOException {
        Path file = folder.resolve(CONFIG);
        if (Files.notExists(file)) {
            throw new NoSuchFileException(
                    file.toString(), null, "no such file, expected that of a pre-trained network");
        }
        return parse(file.toString(), Files.readString(file));
    }

    /**
     * Reads a configuration.
     *
     * @param origin what messages call it
     */
    public static SavedEncoder parse(String origin, String content) {
        try {
            JsonNode json = JSON.readTree(content);
            ResNetConfig network = new ResNetConfig(
                    one(ResNetConfig.Kind.class, json, "kind"),
                    integers(json, "depths"),
                    integer(json, "stem_width"),
                    integers(json, "widths"),
                    integer(json, "groups"),
                    integer(json, "group_width"),
                    one(ResNetConfig.Stem.class, json, "stem"),
                    one(ResNetConfig.Layout.class, json, "layout"),
                    number(json.path("norm_eps"), "norm_eps"),
                    false);
            ImageTransform transform = new ImageTransform(
                    integer(json, "resize"),
                    integer(json, "crop"),
                    one(Interpolation.class, json, "interpolation"),
                    new PixelNorm(numbers(json, "mean"), numbers(json, "deviation")));
            return new SavedEncoder(network, transform);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(origin + ": is no JSON: " + e.getOriginalMessage(), e);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(origin + ": " + e.getMessage(), e);
        }
    }

    /** The network with norms, to be trained or {@linkplain ResNetBackbone#folded() folded}; closed by the caller. */
    public ResNetBackbone load(Path folder) throws IOException {
        try (SafeTensors weights = SafeTensors.open(folder.resolve(WEIGHTS))) {
            return ResNetBackbone.loadTrainable(network, weights, DataType.FLOAT);
        }
    }

    private static <E extends Enum<E>> E one(Class<E> kind, JsonNode json, String key) {
        for (E constant : kind.getEnumConstants()) {
            if (constant.name().equals(json.path(key).asText())) {
                return constant;
            }
        }
        throw new IllegalArgumentException("\"%s\" must be one of %s, but is %s"
                .formatted(key, List.of(kind.getEnumConstants()), found(json.path(key))));
    }

    private static int integer(JsonNode json, String key) {
        Check.argument(json.path(key).isInt(), "\"%s\" must be an integer, but is %s", key, found(json.path(key)));
        return json.path(key).intValue();
    }

    private static double number(JsonNode node, String key) {
        Check.argument(node.isNumber(), "\"%s\" must be a number, but is %s", key, found(node));
        return node.doubleValue();
    }

    private static List<Integer> integers(JsonNode json, String key) {
        List<Integer> integers = new ArrayList<>();
        for (double number : numbers(json, key)) {
            Check.argument(number == Math.rint(number), "\"%s\" must be integers, but one is %s", key, number);
            integers.add((int) number);
        }
        return integers;
    }

    private static List<Double> numbers(JsonNode json, String key) {
        JsonNode array = json.path(key);
        Check.argument(array.isArray(), "\"%s\" must be an array of numbers, but is %s", key, found(array));
        List<Double> numbers = new ArrayList<>();
        array.forEach(node -> numbers.add(number(node, key)));
        return numbers;
    }

    private static String found(JsonNode node) {
        return node.isMissingNode() ? "missing" : node.toString();
    }
}
