package io.github.sherl4j.route;

import io.github.sherl4j.backbone.Backbone;
import io.github.sherl4j.data.Batch;
import io.github.sherl4j.head.EmbeddingOptions;
import io.github.sherl4j.head.GeneralizedPooling;
import io.github.sherl4j.weights.SafeTensors;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.node.ObjectNode;

/**
 * Two towers in a folder, as {@link AdapterFiles} writes a classifier: the parameters of both adapters and heads, and the adapters' running
 * statistics, under names that begin with {@code image.} or {@code text.}, described by
 *
 * <pre>
 * {"format": 1,
 *  "images": {"backbone": the network's fingerprint,
 *     "preset": "VSE_IMAGE", "reduction": 4.0, "lateLayers": 1, "taps": [...], "dropout": 0.0,
 *     "embedding": {"embed": 1024, "pooling": "GENERALIZED", "normalize": true, "normEps": 1.0E-8,
 *        "positionWidth": 32, "hidden": 32, "temperature": 0.1}},        none where the adapter stands on the output side
 *  "texts": the same}
 * </pre>
 */
final class TowerFiles {
    private static final String IMAGES = "images";
    private static final String TEXTS = "texts";
    private static final String EMBEDDING = "embedding";

    private TowerFiles() {}

    static void save(TwoTowerModel<?, ?> model, Tower<?> images, Tower<?> texts, Path folder) throws IOException {
        ObjectNode json = AdapterFiles.JSON.createObjectNode();
        json.put("format", AdapterFiles.FORMAT);
        describe(json.putObject(IMAGES), images);
        describe(json.putObject(TEXTS), texts);
        AdapterFiles.write(folder, model, json);
    }

    private static void describe(ObjectNode json, Tower<?> tower) {
        TowerConfig config = tower.config();
        if (config == null) {
            throw new IllegalStateException(
                    "This model has a tower that was put together by hand; only those of Tower.of can be saved");
        }
        json.put("backbone", tower.backbone().fingerprint());
        AdapterFiles.describe(json, config.sherl());
        EmbeddingOptions embedding = config.embedding();
        if (embedding != null) {
            json.putObject(EMBEDDING)
                    .put("embed", embedding.embed())
                    .put("pooling", embedding.pooling().name())
                    .put("normalize", embedding.normalize())
                    .put("normEps", embedding.normEps())
                    .put("positionWidth", embedding.generalized().positionWidth())
                    .put("hidden", embedding.generalized().hidden())
                    .put("temperature", embedding.generalized().temperature());
        }
    }

    static <I extends Batch, T extends Batch> TwoTowerModel<I, T> load(
            Backbone<I> images, Backbone<T> texts, PairLoss loss, Path folder) throws IOException {
        Path file = folder.resolve(AdapterFiles.WEIGHTS);
        try (SafeTensors tensors = SafeTensors.open(file)) {
            JsonNode json = AdapterFiles.description(file, tensors.metadata().get(AdapterFiles.KEY));
            JsonNode ofImages = AdapterFiles.required(file, json, IMAGES);
            JsonNode ofTexts = AdapterFiles.required(file, json, TEXTS);
            AdapterFiles.requireBackbone(file, ofImages, images.fingerprint());
            AdapterFiles.requireBackbone(file, ofTexts, texts.fingerprint());
            TowerConfig imageConfig = config(file, ofImages);
            TowerConfig textConfig = config(file, ofTexts);
            TwoTowerModel<I, T> model =
                    new TwoTowerModel<>(Tower.of(images, imageConfig), Tower.of(texts, textConfig), loss);
            return AdapterFiles.restored(model, tensors);
        }
    }

    private static TowerConfig config(Path file, JsonNode json) {
        return new TowerConfig(AdapterFiles.config(file, json), embedding(file, json.get(EMBEDDING)));
    }

    private static @Nullable EmbeddingOptions embedding(Path file, @Nullable JsonNode json) {
        if (json == null) {
            return null;
        }
        return new EmbeddingOptions(
                AdapterFiles.required(file, json, "embed").asInt(),
                AdapterFiles.constant(EmbeddingOptions.TokenPooling.class, file, json, "pooling"),
                new GeneralizedPooling.Options(
                        AdapterFiles.required(file, json, "positionWidth").asInt(),
                        AdapterFiles.required(file, json, "hidden").asInt(),
                        AdapterFiles.required(file, json, "temperature").asDouble()),
                AdapterFiles.required(file, json, "normalize").asBoolean(),
                AdapterFiles.required(file, json, "normEps").asDouble());
    }
}
