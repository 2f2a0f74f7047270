package io.github.sherl4j.route;

import io.github.sherl4j.backbone.clipvil.ClipVilBackbone;
import io.github.sherl4j.nd.Check;
import io.github.sherl4j.weights.SafeTensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.node.ObjectNode;

/**
 * A trained SHERL model of visual question answering in a folder, in the files of {@link AdapterFiles}; its description is
 *
 * <pre>
 * {"format": 1, "kind": "questions", "backbone": the backbone's fingerprint,
 *  "task": "vqa", "answers": [...], "maxTokens": 20,
 *  "preset": "CLIP_VIL", "reduction": 2.0, "lateLayers": 1, "taps": [], "dropout": 0.0}
 * </pre>
 */
final class QuestionFiles {
    private static final String KIND = "questions";

    private QuestionFiles() {}

    static void save(QuestionModel model, Path folder) throws IOException {
        SherlConfig config = model.config();
        if (config == null) {
            throw new IllegalStateException("Only a model that is trained by SHERL has an adapter to save");
        }
        ObjectNode json = AdapterFiles.JSON.createObjectNode();
        json.put("format", AdapterFiles.FORMAT);
        json.put("kind", KIND);
        json.put("backbone", model.backbone().fingerprint());
        json.put("task", model.options().task());
        json.set("answers", AdapterFiles.JSON.valueToTree(model.options().answers()));
        json.put("maxTokens", model.options().maxTokens());
        AdapterFiles.describe(json, config);
        AdapterFiles.write(folder, model, json);
    }

    static QuestionModel load(ClipVilBackbone backbone, Path folder) throws IOException {
        Path file = folder.resolve(AdapterFiles.WEIGHTS);
        try (SafeTensors tensors = SafeTensors.open(file)) {
            JsonNode json = AdapterFiles.description(file, tensors.metadata().get(AdapterFiles.KEY));
            Check.argument(
                    KIND.equals(json.path("kind").asText()),
                    "%s must be an adapter for questions about pictures, but its kind is %s",
                    file,
                    json.path("kind"));
            AdapterFiles.requireBackbone(file, json, backbone.fingerprint());
            List<String> answers = new ArrayList<>();
            AdapterFiles.required(file, json, "answers").forEach(answer -> answers.add(answer.asText()));
            QuestionOptions options = new QuestionOptions(
                    AdapterFiles.text(file, json, "task"),
                    answers,
                    AdapterFiles.required(file, json, "maxTokens").asInt(),
                    0);
            QuestionModel model = QuestionModel.sherl(backbone, AdapterFiles.config(file, json), options);
            try {
                AdapterFiles.restore(model, tensors);
                return model;
            } catch (RuntimeException e) {
                model.close();
                throw e;
            }
        }
    }
}
