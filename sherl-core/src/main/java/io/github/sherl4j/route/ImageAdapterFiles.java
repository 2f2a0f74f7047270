package io.github.sherl4j.route;

import io.github.sherl4j.backbone.ImageBackbone;
import io.github.sherl4j.data.ImageTransform;
import io.github.sherl4j.data.Interpolation;
import io.github.sherl4j.data.PixelNorm;
import io.github.sherl4j.head.Pooling;
import io.github.sherl4j.weights.SafeTensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.node.ObjectNode;

/**
 * A trained SHERL classifier of pictures in a folder, as {@link AdapterFiles} writes one of texts: the parameters of adapter and head, and the
 * adapter's running statistics, described by
 *
 * <pre>
 * {"format": 1,
 *  "backbone": the backbone's fingerprint,
 *  "preset": "VSE_IMAGE", "reduction": 4.0, "lateLayers": 1, "taps": [...], "dropout": 0.0,
 *  "labels": [...], "pooling": "MEAN",
 *  "transform": {"resize": 256, "crop": 224, "interpolation": "BILINEAR", "mean": [...], "deviation": [...]}}
 * </pre>
 */
final class ImageAdapterFiles {
    private ImageAdapterFiles() {}

    static void save(SherlImageModel model, Path folder) throws IOException {
        ObjectNode json = AdapterFiles.JSON.createObjectNode();
        json.put("format", AdapterFiles.FORMAT);
        json.put("backbone", model.backbone().fingerprint());
        AdapterFiles.describe(json, model.config());
        json.set("labels", AdapterFiles.JSON.valueToTree(model.options().labels()));
        json.put("pooling", model.options().pooling().name());
        ImageTransform transform = model.options().transform();
        ObjectNode pictures = json.putObject("transform");
        pictures.put("resize", transform.resize());
        pictures.put("crop", transform.crop());
        pictures.put("interpolation", transform.interpolation().name());
        pictures.set("mean", AdapterFiles.JSON.valueToTree(transform.norm().mean()));
        pictures.set("deviation", AdapterFiles.JSON.valueToTree(transform.norm().deviation()));
        AdapterFiles.write(folder, model, json);
    }

    static SherlImageModel load(ImageBackbone backbone, Path folder) throws IOException {
        Path file = folder.resolve(AdapterFiles.WEIGHTS);
        try (SafeTensors tensors = SafeTensors.open(file)) {
            JsonNode json = AdapterFiles.description(file, tensors.metadata().get(AdapterFiles.KEY));
            AdapterFiles.requireBackbone(file, json, backbone.fingerprint());
            ImageClassifierOptions options = new ImageClassifierOptions(
                    labels(file, json),
                    AdapterFiles.constant(Pooling.class, file, json, "pooling"),
                    transform(file, AdapterFiles.required(file, json, "transform")),
                    0);
            SherlConfig config = AdapterFiles.config(file, json);
            return AdapterFiles.restored(SherlImageModel.classifier(backbone, config, options), tensors);
        }
    }

    private static List<String> labels(Path file, JsonNode json) {
        List<String> labels = new ArrayList<>();
        AdapterFiles.required(file, json, "labels").forEach(label -> labels.add(label.asText()));
        return labels;
    }

    private static ImageTransform transform(Path file, JsonNode json) {
        return new ImageTransform(
                AdapterFiles.required(file, json, "resize").asInt(),
                AdapterFiles.required(file, json, "crop").asInt(),
                AdapterFiles.constant(Interpolation.class, file, json, "interpolation"),
                new PixelNorm(numbers(file, json, "mean"), numbers(file, json, "deviation")));
    }

    private static List<Double> numbers(Path file, JsonNode json, String key) {
        List<Double> numbers = new ArrayList<>();
        AdapterFiles.required(file, json, key).forEach(number -> numbers.add(number.asDouble()));
        return numbers;
    }
}
