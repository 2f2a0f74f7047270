package io.github.sherl4j.backbone.vit;

import io.github.sherl4j.backbone.NamedParameters;
import io.github.sherl4j.backbone.PatchStem;
import io.github.sherl4j.backbone.TensorShapes;
import io.github.sherl4j.weights.WeightReport;
import io.github.sherl4j.weights.WeightSource;
import java.util.LinkedHashMap;
import java.util.Map;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The vision transformer's tensors under Hugging Face names, in the order of the network. */
final class VitNames {
    static final String CLASS_TOKEN = "embeddings.cls_token";
    static final String POSITIONS = "embeddings.position_embeddings";
    static final String PATCHES = "embeddings.patch_embeddings.projection";
    static final String FINAL_NORM = "layernorm";

    private static final String PREFIX = "vit.";
    private static final String PATCH_WEIGHT = PATCHES + ".weight";

    private VitNames() {}

    static String block(int index) {
        return "encoder.layer." + index + ".";
    }

    static TensorShapes shapes(VitConfig config) {
        long width = config.width();
        TensorShapes shapes = new TensorShapes()
                .weight(CLASS_TOKEN, width)
                .weight(POSITIONS, config.tokens(), width)
                .linear(PATCHES, width, (long) config.patch() * config.patch() * config.channels());
        for (int i = 0; i < config.layers(); i++) {
            String block = block(i);
            shapes.norm(block + "layernorm_before", width)
                    .linear(block + "attention.attention.query", width, width)
                    .linear(block + "attention.attention.key", width, width)
                    .linear(block + "attention.attention.value", width, width)
                    .linear(block + "attention.output.dense", width, width)
                    .norm(block + "layernorm_after", width)
                    .linear(block + "intermediate.dense", config.hidden(), width)
                    .linear(block + "output.dense", width, config.hidden());
        }
        return shapes.norm(FINAL_NORM, width);
    }

    /** All parameters from a file, in which names may have the prefix "vit."; there the patches' projection is a convolution. */
    static NamedParameters read(VitConfig config, WeightSource source, DataType type) {
        String prefix = source.names().contains(PREFIX + CLASS_TOKEN) ? PREFIX : "";
        Map<String, long[]> shapes = shapes(config).byName();
        Map<String, long[]> stored = new LinkedHashMap<>();
        shapes.forEach((name, shape) -> stored.put(prefix + name, storedShape(config, name, shape)));
        WeightReport.compare(
                        stored, source, name -> name.startsWith(prefix + "pooler.") || name.startsWith("classifier."))
                .requireComplete();
        return NamedParameters.make(shapes, (name, shape) -> {
            if (name.equals(PATCH_WEIGHT)) {
                return PatchStem.projectionWeight(source.read(prefix + name, type));
            }
            INDArray array = Nd4j.createUninitialized(type, shape);
            source.readInto(prefix + name, array.reshape('c', true, storedShape(config, name, shape)));
            return array;
        });
    }

    private static long[] storedShape(VitConfig config, String name, long... shape) {
        return switch (name) {
            case CLASS_TOKEN -> new long[] {1, 1, shape[0]};
            case POSITIONS -> new long[] {1, shape[0], shape[1]};
            case PATCH_WEIGHT -> new long[] {shape[0], config.channels(), config.patch(), config.patch()};
            default -> shape;
        };
    }
}
