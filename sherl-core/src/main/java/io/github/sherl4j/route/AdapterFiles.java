package io.github.sherl4j.route;

import io.github.sherl4j.adapter.AdapterPreset;
import io.github.sherl4j.backbone.TextBackbone;
import io.github.sherl4j.head.Pooling;
import io.github.sherl4j.weights.AtomicFile;
import io.github.sherl4j.weights.SafeTensors;
import io.github.sherl4j.weights.WeightReport;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.core.JsonProcessingException;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.ObjectMapper;
import org.nd4j.shade.jackson.databind.node.ObjectNode;

/**
 * A trained SHERL classifier in a folder: {@code adapter.safetensors} has the parameters of adapter and head, and the adapter's running statistics, under
 * their names and, as metadata {@code sherl}, one JSON object with everything else; {@code adapter.json} is a copy of that object
 * for people to read. Each file is replaced as a whole, and loading needs the first one alone, so a crash between the two
 * loses nothing. A description without a preset is that of a file written before there were others than VSE_TEXT.
 *
 * <pre>
 * {"format": 1,
 *  "backbone": the backbone's fingerprint,
 *  "labels": [...], "pooling": "MEAN", "maxLength": 96,
 *  "preset": "VSE_TEXT", "reduction": 2.0, "lateLayers": 1, "taps": [0, 1, ...], "dropout": 0.1}
 * </pre>
 */
final class AdapterFiles {
    static final int FORMAT = 1;
    static final String WEIGHTS = "adapter.safetensors";
    static final String DESCRIPTION = "adapter.json";
    static final String KEY = "sherl";
    static final ObjectMapper JSON = new ObjectMapper();

    private AdapterFiles() {}

    static void save(SherlModel model, Path folder) throws IOException {
        write(folder, model, describe(model));
    }

    static SherlModel load(TextBackbone backbone, Path folder) throws IOException {
        Path file = folder.resolve(WEIGHTS);
        try (SafeTensors tensors = SafeTensors.open(file)) {
            JsonNode description = description(file, tensors.metadata().get(KEY));
            requireBackbone(file, description, backbone.fingerprint());
            SherlModel model = SherlModel.classifier(backbone, config(file, description), options(file, description));
            return restored(model, tensors);
        }
    }

    /** What a file of a model has: the trained parameters, and the buffers that training moves too. */
    static Map<String, INDArray> tensors(Model<?> model) {
        Map<String, INDArray> tensors = new LinkedHashMap<>();
        model.parameters().named().forEach((name, parameter) -> tensors.put(name, parameter.value()));
        model.namedBuffers().forEach((name, buffer) -> tensors.put(name, buffer.value()));
        return tensors;
    }

    /**
     * Reads what {@link #tensors} names.
     *
     * @throws IllegalArgumentException if the file lacks any of it or has other shapes; then nothing is read
     */
    static void restore(Model<?> model, SafeTensors tensors) {
        Map<String, long[]> expected = new LinkedHashMap<>();
        tensors(model).forEach((name, value) -> expected.put(name, value.shape()));
        WeightReport.compare(expected, tensors, name -> false).requireComplete();
        tensors(model).forEach(tensors::readInto);
    }

    /** The model with what the file has, or closed if that cannot be read. */
    static <M extends Model<?>> M restored(M model, SafeTensors tensors) {
        try {
            restore(model, tensors);
            return model;
        } catch (RuntimeException e) {
            model.close();
            throw e;
        }
    }

    /** Fails unless the description is that of an adapter of this network. */
    static void requireBackbone(Path file, JsonNode description, String fingerprint) {
        String trained = text(file, description, "backbone");
        if (!trained.equals(fingerprint)) {
            throw new IllegalArgumentException(
                    "%s was trained on the backbone with fingerprint %s, but the given backbone has %s"
                            .formatted(file, trained, fingerprint));
        }
    }

    /** Writes weights and their description. */
    static void write(Path folder, Model<?> model, ObjectNode description) throws IOException {
        String text = JSON.writerWithDefaultPrettyPrinter().writeValueAsString(description);
        Files.createDirectories(folder);
        SafeTensors.write(folder.resolve(WEIGHTS), tensors(model), Map.of(KEY, text));
        AtomicFile.write(folder.resolve(DESCRIPTION), text.getBytes(StandardCharsets.UTF_8));
    }

    /** Adds what {@link #config} reads. */
    static void describe(ObjectNode json, SherlConfig config) {
        json.put("preset", config.preset().name());
        json.put("reduction", config.reduction());
        json.put("lateLayers", config.lateLayers());
        json.set("taps", JSON.valueToTree(config.taps()));
        json.put("dropout", config.dropout());
    }

    private static ObjectNode describe(SherlModel model) {
        ObjectNode json = JSON.createObjectNode();
        json.put("format", FORMAT);
        json.put("backbone", model.backbone().fingerprint());
        json.set("labels", JSON.valueToTree(model.options().labels()));
        json.put("pooling", model.options().pooling().name());
        json.put("maxLength", model.options().maxLength());
        describe(json, model.config());
        return json;
    }

    static JsonNode description(Path file, @Nullable String text) {
        if (text == null) {
            throw new IllegalArgumentException(
                    "%s holds no SHERL adapter: its metadata lacks \"%s\"".formatted(file, KEY));
        }
        JsonNode json;
        try {
            json = JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(
                    "%s has a description that is no JSON: %s".formatted(file, e.getOriginalMessage()), e);
        }
        int format = json.path("format").asInt();
        if (format != FORMAT) {
            throw new IllegalArgumentException("%s has format %d, but this version of the library reads format %d"
                    .formatted(file, format, FORMAT));
        }
        return json;
    }

    static SherlConfig config(Path file, JsonNode json) {
        List<Integer> taps = new ArrayList<>();
        required(file, json, "taps").forEach(tap -> taps.add(tap.asInt()));
        return new SherlConfig(
                preset(file, json),
                required(file, json, "reduction").asDouble(),
                required(file, json, "lateLayers").asInt(),
                taps,
                required(file, json, "dropout").asDouble(),
                0);
    }

    static AdapterPreset preset(Path file, JsonNode json) {
        return json.has("preset") ? constant(AdapterPreset.class, file, json, "preset") : AdapterPreset.VSE_TEXT;
    }

    /** A constant by its name. */
    static <E extends Enum<E>> E constant(Class<E> type, Path file, JsonNode json, String key) {
        String name = text(file, json, key);
        for (E constant : type.getEnumConstants()) {
            if (constant.name().equals(name)) {
                return constant;
            }
        }
        throw new IllegalArgumentException("%s has the unknown %s %s, but this version knows %s"
                .formatted(file, key, name, List.of(type.getEnumConstants())));
    }

    private static ClassifierOptions options(Path file, JsonNode json) {
        List<String> labels = new ArrayList<>();
        required(file, json, "labels").forEach(label -> labels.add(label.asText()));
        Pooling pooling = constant(Pooling.class, file, json, "pooling");
        return new ClassifierOptions(
                labels, pooling, required(file, json, "maxLength").asInt(), 0);
    }

    static String text(Path file, JsonNode json, String key) {
        return required(file, json, key).asText();
    }

    static JsonNode required(Path file, JsonNode json, String key) {
        JsonNode node = json.get(key);
        if (node == null) {
            throw new IllegalArgumentException("%s has a description without \"%s\"".formatted(file, key));
        }
        return node;
    }
}
