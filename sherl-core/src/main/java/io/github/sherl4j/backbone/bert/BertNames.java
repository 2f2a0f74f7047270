package io.github.sherl4j.backbone.bert;

import io.github.sherl4j.backbone.NamedParameters;
import io.github.sherl4j.backbone.PostNormBlocks;
import io.github.sherl4j.backbone.TensorShapes;
import io.github.sherl4j.weights.WeightReport;
import io.github.sherl4j.weights.WeightSource;
import java.util.LinkedHashMap;
import java.util.Map;
import org.nd4j.linalg.api.buffer.DataType;

/** BERT's tensors under Hugging Face names, in the order of the network; a relative's parameters have these names too. */
final class BertNames {
    static final String WORDS = "embeddings.word_embeddings.weight";
    static final String POSITIONS = "embeddings.position_embeddings.weight";
    static final String TYPES = "embeddings.token_type_embeddings.weight";
    static final String EMBEDDING_NORM = "embeddings.LayerNorm";

    private BertNames() {}

    static String block(int index) {
        return "encoder.layer." + index + ".";
    }

    /** All parameters from a file, in which names may have the family's prefix and norms the older names gamma and beta. */
    static NamedParameters read(BertConfig config, WeightSource source, DataType type) {
        BertFamily family = config.family();
        String prefix = source.names().contains(family.prefix() + WORDS) ? family.prefix() : "";
        Map<String, long[]> shapes = shapes(config).byName();
        Map<String, long[]> expected = new LinkedHashMap<>();
        shapes.forEach((name, shape) -> expected.put(stored(source, prefix + family.stored(name)), shape));
        WeightReport.compare(expected, source, name -> isKnownExtra(family, prefix, name))
                .requireComplete();
        return NamedParameters.make(
                shapes, (name, shape) -> source.read(stored(source, prefix + family.stored(name)), type));
    }

    /** What checkpoints hold beside the encoder: pooler, heads, and a constant of older versions. */
    private static boolean isKnownExtra(BertFamily family, String prefix, String name) {
        return name.startsWith(prefix + "pooler.") || family.isOfHead(name) || name.endsWith("embeddings.position_ids");
    }

    private static String stored(WeightSource source, String name) {
        String older = name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta");
        return source.names().contains(older) ? older : name;
    }

    static TensorShapes shapes(BertConfig config) {
        long width = config.width();
        TensorShapes shapes = new TensorShapes()
                .weight(WORDS, config.vocabulary(), width)
                .weight(POSITIONS, config.positions(), width);
        if (config.family().hasTypes()) {
            shapes.weight(TYPES, config.types(), width);
        }
        shapes.norm(EMBEDDING_NORM, width);
        for (int i = 0; i < config.layers(); i++) {
            PostNormBlocks.addShapes(shapes, block(i), width, config.hidden());
        }
        return shapes;
    }
}
