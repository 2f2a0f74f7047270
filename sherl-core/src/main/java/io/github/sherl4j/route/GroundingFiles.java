package io.github.sherl4j.route;

import io.github.sherl4j.adapter.AdapterPreset;
import io.github.sherl4j.backbone.detr.MdetrNetwork;
import io.github.sherl4j.nd.Check;
import io.github.sherl4j.weights.SafeTensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.node.ObjectNode;

/**
 * Trained adapters and heads of grounding in a folder, in the files of {@link AdapterFiles}. Names of parameters begin with
 * {@code encoder.}, {@code decoder.} or {@code head.}; the description is
 *
 * <pre>
 * {"format": 1, "kind": "grounding",
 *  "backbone": the network's fingerprint,
 *  "preset": "MDETR", "reduction": 2.0, "encoderTaps": [0, 1, ...], "decoderTaps": [0, 1, ...], "dropout": 0.0, "headRate": 0.1}
 * </pre>
 */
final class GroundingFiles {
    private static final String KIND = "grounding";
    private static final String ENCODER_TAPS = "encoderTaps";
    private static final String DECODER_TAPS = "decoderTaps";
    private static final String HEAD_RATE = "headRate";

    private GroundingFiles() {}

    static void save(GroundingModel model, Path folder) throws IOException {
        SceneConfig config = model.config();
        if (config == null) {
            throw new IllegalStateException("Only a model that is made by GroundingModel.sherl has adapters to save");
        }
        SceneTaps taps = config.tapsOf(model.network().transformer().config());
        ObjectNode json = AdapterFiles.JSON.createObjectNode();
        json.put("format", AdapterFiles.FORMAT);
        json.put("kind", KIND);
        json.put("backbone", model.network().fingerprint());
        json.put("preset", AdapterPreset.MDETR.name());
        json.put("reduction", config.reduction());
        json.set(ENCODER_TAPS, AdapterFiles.JSON.valueToTree(taps.encoder()));
        json.set(DECODER_TAPS, AdapterFiles.JSON.valueToTree(taps.decoder()));
        json.put("dropout", config.dropout());
        json.put(HEAD_RATE, config.headRate());
        AdapterFiles.write(folder, model, json);
    }

    static GroundingModel load(MdetrNetwork network, Path folder) throws IOException {
        Path file = folder.resolve(AdapterFiles.WEIGHTS);
        try (SafeTensors tensors = SafeTensors.open(file)) {
            JsonNode json = AdapterFiles.description(file, tensors.metadata().get(AdapterFiles.KEY));
            Check.argument(
                    KIND.equals(json.path("kind").asText()),
                    "%s must be an adapter for grounding, but its kind is %s",
                    file,
                    json.path("kind"));
            AdapterFiles.requireBackbone(file, json, network.fingerprint());
            SceneConfig config = new SceneConfig(
                    AdapterFiles.required(file, json, "reduction").asDouble(),
                    new SceneTaps(taps(file, json, ENCODER_TAPS), taps(file, json, DECODER_TAPS)),
                    AdapterFiles.required(file, json, "dropout").asDouble(),
                    AdapterFiles.required(file, json, HEAD_RATE).asDouble(),
                    0);
            return AdapterFiles.restored(GroundingModel.sherl(network, config), tensors);
        }
    }

    private static List<Integer> taps(Path file, JsonNode json, String key) {
        List<Integer> taps = new ArrayList<>();
        AdapterFiles.required(file, json, key).forEach(tap -> taps.add(tap.asInt()));
        return taps;
    }
}
