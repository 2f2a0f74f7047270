package io.github.sherl4j.route;

import io.github.sherl4j.backbone.SequenceNetwork;
import io.github.sherl4j.weights.SafeTensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.node.ObjectNode;

/**
 * Trained adapters of an encoder-decoder in a folder, as {@link AdapterFiles} keeps those of a classifier. Names of parameters begin
 * with the side that they are of. The description is
 *
 * <pre>
 * {"format": 1, "kind": "encoder-decoder",
 *  "backbone": the network's fingerprint,
 *  "maxSourceTokens": 128, "maxTargetTokens": 32,
 *  "preset": "T5", "reduction": 4.0, "lateLayers": 1, "encoderTaps": [0, 1, ...], "decoderTaps": [0, 1, ...], "dropout": 0.0}
 * </pre>
 */
final class SequenceAdapterFiles {
    private static final String KIND = "encoder-decoder";

    private SequenceAdapterFiles() {}

    static void save(SherlSequenceModel model, Path folder) throws IOException {
        ObjectNode json = AdapterFiles.JSON.createObjectNode();
        EncoderDecoderConfig config = model.config();
        json.put("format", AdapterFiles.FORMAT);
        json.put("kind", KIND);
        json.put("backbone", model.network().fingerprint());
        json.put("maxSourceTokens", model.options().maxSourceTokens());
        json.put("maxTargetTokens", model.options().maxTargetTokens());
        json.put("preset", config.preset().name());
        json.put("reduction", config.reduction());
        json.put("lateLayers", config.lateLayers());
        json.putPOJO("encoderTaps", config.encoderTaps());
        json.putPOJO("decoderTaps", config.decoderTaps());
        json.put("dropout", config.dropout());
        AdapterFiles.write(folder, model, json);
    }

    static SherlSequenceModel load(SequenceNetwork network, Path folder) throws IOException {
        Path file = folder.resolve(AdapterFiles.WEIGHTS);
        try (SafeTensors tensors = SafeTensors.open(file)) {
            JsonNode json = AdapterFiles.description(file, tensors.metadata().get(AdapterFiles.KEY));
            String kind = json.path("kind").asText("classifier");
            if (!kind.equals(KIND)) {
                throw new IllegalArgumentException(
                        "%s holds the adapter of a %s, but one of an %s was expected".formatted(file, kind, KIND));
            }
            AdapterFiles.requireBackbone(file, json, network.fingerprint());
            SequenceOptions options = new SequenceOptions(
                    AdapterFiles.required(file, json, "maxSourceTokens").asInt(),
                    AdapterFiles.required(file, json, "maxTargetTokens").asInt());
            EncoderDecoderConfig config = new EncoderDecoderConfig(
                    AdapterFiles.preset(file, json),
                    AdapterFiles.required(file, json, "reduction").asDouble(),
                    taps(file, json, "encoderTaps"),
                    taps(file, json, "decoderTaps"),
                    AdapterFiles.required(file, json, "lateLayers").asInt(),
                    AdapterFiles.required(file, json, "dropout").asDouble(),
                    0);
            SherlSequenceModel model = SherlSequenceModel.of(network, config, options);
            try {
                AdapterFiles.restore(model, tensors);
                return model;
            } catch (RuntimeException e) {
                model.close();
                throw e;
            }
        }
    }

    private static List<Integer> taps(Path file, JsonNode json, String key) {
        List<Integer> taps = new ArrayList<>();
        AdapterFiles.required(file, json, key).forEach(tap -> taps.add(tap.asInt()));
        return taps;
    }
}
