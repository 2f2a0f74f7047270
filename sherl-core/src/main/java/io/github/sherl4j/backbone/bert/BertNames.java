package io.github.sherl4j.backbone.bert;

import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.weights.WeightReport;
import io.github.sherl4j.weights.WeightSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiFunction;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** BERT's tensors under Hugging Face names, in the order of the network. */
final class BertNames {
    static final String WORDS = "embeddings.word_embeddings.weight";
    static final String POSITIONS = "embeddings.position_embeddings.weight";
    static final String TYPES = "embeddings.token_type_embeddings.weight";
    static final String EMBEDDING_NORM = "embeddings.LayerNorm";

    private static final String PREFIX = "bert.";

    private BertNames() {}

    static String block(int index) {
        return "encoder.layer." + index + ".";
    }

    static boolean isNorm(String name) {
        return name.contains("LayerNorm");
    }

    /** All parameters, each array made by a function of its name and shape. */
    static Map<String, Parameter> make(BertConfig config, BiFunction<String, long[], INDArray> array) {
        Map<String, Parameter> parameters = new LinkedHashMap<>();
        shapes(config).forEach((name, shape) -> {
            INDArray value = array.apply(name, shape);
            boolean decays = shape.length == 2;
            parameters.put(name, decays ? Parameter.weight(name, value) : Parameter.unregularized(name, value));
        });
        return parameters;
    }

    /** All parameters from a file, in which names may have the prefix "bert." and norms the older names gamma and beta. */
    static Map<String, Parameter> read(BertConfig config, WeightSource source, DataType type) {
        String prefix = source.names().contains(PREFIX + WORDS) ? PREFIX : "";
        Map<String, long[]> expected = new LinkedHashMap<>();
        shapes(config).forEach((name, shape) -> expected.put(stored(source, prefix + name), shape));
        WeightReport.compare(expected, source, name -> isKnownExtra(prefix, name))
                .requireComplete();
        return make(config, (name, shape) -> source.read(stored(source, prefix + name), type));
    }

    /** What checkpoints hold beside the encoder: pooler, language model head, and a constant of older versions. */
    private static boolean isKnownExtra(String prefix, String name) {
        return name.startsWith(prefix + "pooler.")
                || name.startsWith("cls.")
                || name.endsWith("embeddings.position_ids");
    }

    private static String stored(WeightSource source, String name) {
        String older = name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta");
        return source.names().contains(older) ? older : name;
    }

    private static Map<String, long[]> shapes(BertConfig config) {
        long width = config.width();
        Map<String, long[]> shapes = new LinkedHashMap<>();
        shapes.put(WORDS, new long[] {config.vocabulary(), width});
        shapes.put(POSITIONS, new long[] {config.positions(), width});
        shapes.put(TYPES, new long[] {config.types(), width});
        norm(shapes, EMBEDDING_NORM, width);
        for (int i = 0; i < config.layers(); i++) {
            String block = block(i);
            linear(shapes, block + "attention.self.query", width, width);
            linear(shapes, block + "attention.self.key", width, width);
            linear(shapes, block + "attention.self.value", width, width);
            linear(shapes, block + "attention.output.dense", width, width);
            norm(shapes, block + "attention.output.LayerNorm", width);
            linear(shapes, block + "intermediate.dense", config.hidden(), width);
            linear(shapes, block + "output.dense", width, config.hidden());
            norm(shapes, block + "output.LayerNorm", width);
        }
        return shapes;
    }

    private static void linear(Map<String, long[]> shapes, String name, long out, long in) {
        shapes.put(name + ".weight", new long[] {out, in});
        shapes.put(name + ".bias", new long[] {out});
    }

    private static void norm(Map<String, long[]> shapes, String name, long width) {
        shapes.put(name + ".weight", new long[] {width});
        shapes.put(name + ".bias", new long[] {width});
    }
}
