package io.github.sherl4j.backbone.clip;

import io.github.sherl4j.backbone.NamedParameters;
import io.github.sherl4j.backbone.PatchStem;
import io.github.sherl4j.backbone.TensorShapes;
import io.github.sherl4j.weights.WeightReport;
import io.github.sherl4j.weights.WeightSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** CLIP's tensors under Hugging Face names, which are those of the parameters too, or under OpenAI's. */
final class ClipNames {
    static final String VISION = "vision_model.";
    static final String CLASS_TOKEN = "vision_model.embeddings.class_embedding";
    static final String PATCHES = "vision_model.embeddings.patch_embedding.weight";
    static final String IMAGE_POSITIONS = "vision_model.embeddings.position_embedding.weight";
    static final String PRE_NORM = "vision_model.pre_layrnorm"; // so spelt in the files
    static final String POST_NORM = "vision_model.post_layernorm";
    static final String IMAGE_PROJECTION = "visual_projection.weight";
    static final String TEXT = "text_model.";
    static final String WORDS = "text_model.embeddings.token_embedding.weight";
    static final String TEXT_POSITIONS = "text_model.embeddings.position_embedding.weight";
    static final String FINAL_NORM = "text_model.final_layer_norm";
    static final String TEXT_PROJECTION = "text_projection.weight";

    /** How names of OpenAI's checkpoints begin, tower by tower; the rest are sizes that its archives hold as tensors. */
    private static final List<String> OPENAI_IMAGE = List.of("visual.");

    private static final List<String> OPENAI_TEXT = List.of(
            "transformer.resblocks.", "token_embedding.", "positional_embedding", "ln_final.", "text_projection");
    private static final List<String> NEITHER =
            List.of("logit_scale", "input_resolution", "context_length", "vocab_size");

    private ClipNames() {}

    static TensorShapes shapes(ClipImageConfig config) {
        long width = config.width();
        TensorShapes shapes = new TensorShapes()
                .weight(CLASS_TOKEN, width)
                .weight(PATCHES, width, (long) config.patch() * config.patch() * config.channels())
                .weight(IMAGE_POSITIONS, config.tokens(), width)
                .norm(PRE_NORM, width);
        ClipBlocks.addShapes(shapes, VISION, config.layers(), width, config.hidden());
        return shapes.norm(POST_NORM, width).weight(IMAGE_PROJECTION, config.feature(), width);
    }

    static TensorShapes shapes(ClipTextConfig config) {
        long width = config.width();
        TensorShapes shapes = new TensorShapes()
                .weight(WORDS, config.vocabulary(), width)
                .weight(TEXT_POSITIONS, config.positions(), width);
        ClipBlocks.addShapes(shapes, TEXT, config.layers(), width, config.hidden());
        return shapes.norm(FINAL_NORM, width).weight(TEXT_PROJECTION, config.feature(), width);
    }

    /** The vision transformer's parameters; in files the patches' projection is a convolution. */
    static NamedParameters readImage(ClipImageConfig config, WeightSource source, DataType type) {
        Map<String, long[]> wanted = shapes(config).byName();
        wanted.put(PATCHES, new long[] {config.width(), config.channels(), config.patch(), config.patch()});
        return read(wanted, source, type, OPENAI_IMAGE, List.of(TEXT, "text_projection."), OPENAI_TEXT);
    }

    /** The text transformer's parameters. */
    static NamedParameters readText(ClipTextConfig config, WeightSource source, DataType type) {
        return read(
                shapes(config).byName(),
                source,
                type,
                OPENAI_TEXT,
                List.of(VISION, "visual_projection."),
                OPENAI_IMAGE);
    }

    private static NamedParameters read(
            Map<String, long[]> wanted,
            WeightSource source,
            DataType type,
            List<String> openAi,
            List<String> otherTower,
            List<String> otherOpenAiTower) {
        boolean isOpenAi =
                source.names().stream().anyMatch(name -> !name.equals(TEXT_PROJECTION) && startsWithAny(name, openAi));
        Map<String, long[]> stored = new LinkedHashMap<>();
        wanted.forEach((name, shape) -> {
            if (isOpenAi) {
                OpenAiName place = OpenAiName.of(name);
                stored.put(place.stored(), place.storedShape(shape));
            } else {
                stored.put(name, shape);
            }
        });
        List<String> others = isOpenAi ? otherOpenAiTower : otherTower;
        WeightReport.compare(
                        stored,
                        source,
                        name -> startsWithAny(name, others)
                                || startsWithAny(name, NEITHER)
                                || name.endsWith(".position_ids"))
                .requireComplete();
        return NamedParameters.make(wanted, (name, shape) -> {
            OpenAiName place = isOpenAi ? OpenAiName.of(name) : null;
            INDArray array = place == null ? source.read(name, type) : place.take(source.read(place.stored(), type));
            return name.equals(PATCHES) ? PatchStem.projectionWeight(array) : array;
        });
    }

    private static boolean startsWithAny(String name, List<String> beginnings) {
        return beginnings.stream().anyMatch(name::startsWith);
    }
}
