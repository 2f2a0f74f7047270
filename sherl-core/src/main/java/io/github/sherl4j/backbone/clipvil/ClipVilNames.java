package io.github.sherl4j.backbone.clipvil;

import io.github.sherl4j.backbone.NamedParameters;
import io.github.sherl4j.backbone.PostNormBlocks;
import io.github.sherl4j.backbone.TensorShapes;
import io.github.sherl4j.weights.WeightReport;
import io.github.sherl4j.weights.WeightSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.buffer.DataType;

/** The tensors under LXRT's names, which are those of the parameters too. */
final class ClipVilNames {
    static final String WORDS = "bert.embeddings.word_embeddings.weight";
    static final String POSITIONS = "bert.embeddings.position_embeddings.weight";
    static final String TYPES = "bert.embeddings.token_type_embeddings.weight";
    static final String EMBEDDING_NORM = "bert.embeddings.LayerNorm";
    static final String VISUAL = "bert.encoder.visn_fc.visn_fc";
    static final String VISUAL_NORM = "bert.encoder.visn_fc.visn_layer_norm";
    static final String POOLER = "bert.pooler.dense";

    /** What checkpoints hold beside the network: boxes' projection, side networks, heads. */
    private static final List<String> KNOWN_EXTRAS = List.of(
            "bert.encoder.visn_fc.box_", "bert.encoder.side_block.", "cls.", "answer_head.", "obj_predict_head.");

    private ClipVilNames() {}

    static String block(int index) {
        return "bert.encoder.layer." + index + ".";
    }

    /** All parameters from a file, in which all names may have one prefix, such as {@code lxrt_encoder.model.}. */
    static NamedParameters read(ClipVilConfig config, WeightSource source, DataType type) {
        String prefix = source.names().stream()
                .filter(name -> name.endsWith(WORDS))
                .map(name -> name.substring(0, name.length() - WORDS.length()))
                .findFirst()
                .orElse("");
        Map<String, long[]> shapes = shapes(config).byName();
        Map<String, long[]> expected = new LinkedHashMap<>();
        shapes.forEach((name, shape) -> expected.put(prefix + name, shape));
        WeightReport.compare(expected, source, name -> isKnownExtra(prefix, name))
                .requireComplete();
        return NamedParameters.make(shapes, (name, shape) -> source.read(prefix + name, type));
    }

    private static boolean isKnownExtra(String prefix, String name) {
        return name.startsWith("logit_fc.")
                || KNOWN_EXTRAS.stream().anyMatch(beginning -> name.startsWith(prefix + beginning));
    }

    static TensorShapes shapes(ClipVilConfig config) {
        long width = config.width();
        TensorShapes shapes = new TensorShapes()
                .weight(WORDS, config.vocabulary(), width)
                .weight(POSITIONS, config.positions(), width)
                .weight(TYPES, config.types(), width)
                .norm(EMBEDDING_NORM, width)
                .linear(VISUAL, width, config.visualWidth())
                .norm(VISUAL_NORM, width);
        for (int i = 0; i < config.layers(); i++) {
            PostNormBlocks.addShapes(shapes, block(i), width, config.hidden());
        }
        return shapes.linear(POOLER, width, width);
    }
}
