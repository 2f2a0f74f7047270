package io.github.sherl4j.backbone.t5;

import io.github.sherl4j.backbone.NamedParameters;
import io.github.sherl4j.nd.NativeArrays;
import io.github.sherl4j.nd.Rng;
import io.github.sherl4j.weights.WeightReport;
import io.github.sherl4j.weights.WeightSource;
import java.util.LinkedHashMap;
import java.util.Map;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** T5's tensors under Hugging Face names, in the order of the network. */
final class T5Names {
    static final String SHARED = "shared.weight";
    static final String OUTPUT = "lm_head.weight";
    static final String ENCODER = "encoder.";
    static final String DECODER = "decoder.";
    static final String POSITIONS = "block.0.layer.0.SelfAttention.relative_attention_bias.weight";
    static final String FINAL_NORM = "final_layer_norm.weight";

    private T5Names() {}

    static String block(String side, int index) {
        return side + "block." + index + ".";
    }

    /** The feed-forward network of a block, which comes after one layer of attention or two. */
    static String feedForward(String side) {
        return side.equals(ENCODER) ? "layer.1." : "layer.2.";
    }

    static NamedParameters read(T5Config config, WeightSource source, DataType type) {
        Map<String, long[]> shapes = shapes(config);
        Map<String, String> stored = new LinkedHashMap<>();
        Map<String, long[]> expected = new LinkedHashMap<>();
        shapes.forEach((name, shape) -> {
            stored.put(name, stored(source, name));
            expected.put(stored(source, name), shape);
        });
        WeightReport.compare(expected, source, name -> isKnownExtra(config, name))
                .requireComplete();
        return NamedParameters.make(shapes, (name, shape) -> source.read(stored.getOrDefault(name, name), type));
    }

    /** Some writers of safetensors keep one of the equal tensors only, under the name of one of its users. */
    private static String stored(WeightSource source, String name) {
        if (name.equals(SHARED) && !source.names().contains(SHARED)) {
            return source.names().contains(ENCODER + "embed_tokens.weight") ? ENCODER + "embed_tokens.weight" : name;
        }
        return name;
    }

    /** What checkpoints hold twice, and a table of older versions that was never used. */
    private static boolean isKnownExtra(T5Config config, String name) {
        return name.endsWith("embed_tokens.weight")
                || name.equals("decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight")
                || (config.tied() && name.equals(OUTPUT));
    }

    /**
     * A network as T5 starts its pre-training: normally distributed, the narrower the more numbers are added up; norms at 1.
     */
    static NamedParameters random(T5Config config, DataType type, long seed) {
        try (Rng rng = new Rng(seed)) {
            return NamedParameters.make(shapes(config), (name, shape) -> {
                INDArray array = Nd4j.createUninitialized(type, shape);
                if (shape.length == 1) {
                    NativeArrays.fill(array, 1);
                } else {
                    rng.gaussian(array, 0, deviation(config, name));
                }
                return array;
            });
        }
    }

    private static double deviation(T5Config config, String name) {
        if (name.equals(SHARED) || name.equals(OUTPUT)) {
            return 1;
        }
        double terms;
        if (name.endsWith(".q.weight")) {
            terms = (double) config.width() * config.keyWidth();
        } else if (name.endsWith(".o.weight")) {
            terms = config.inner();
        } else if (name.endsWith(".wo.weight")) {
            terms = config.hidden();
        } else {
            terms = config.width();
        }
        return 1 / Math.sqrt(terms);
    }

    static Map<String, long[]> shapes(T5Config config) {
        Map<String, long[]> shapes = new LinkedHashMap<>();
        long width = config.width();
        shapes.put(SHARED, new long[] {config.vocabulary(), width});
        for (String side : new String[] {ENCODER, DECODER}) {
            int blocks = side.equals(ENCODER) ? config.layers() : config.decoderLayers();
            for (int i = 0; i < blocks; i++) {
                String block = block(side, i);
                attention(shapes, config, block + "layer.0.SelfAttention.");
                if (i == 0) {
                    shapes.put(side + POSITIONS, new long[] {config.buckets(), config.heads()});
                }
                shapes.put(block + "layer.0.layer_norm.weight", new long[] {width});
                if (side.equals(DECODER)) {
                    attention(shapes, config, block + "layer.1.EncDecAttention.");
                    shapes.put(block + "layer.1.layer_norm.weight", new long[] {width});
                }
                feedForward(shapes, config, block + feedForward(side));
            }
            shapes.put(side + FINAL_NORM, new long[] {width});
        }
        if (!config.tied()) {
            shapes.put(OUTPUT, new long[] {config.vocabulary(), width});
        }
        return shapes;
    }

    private static void attention(Map<String, long[]> shapes, T5Config config, String name) {
        for (String projection : new String[] {"q", "k", "v"}) {
            shapes.put(name + projection + ".weight", new long[] {config.inner(), config.width()});
        }
        shapes.put(name + "o.weight", new long[] {config.width(), config.inner()});
    }

    private static void feedForward(Map<String, long[]> shapes, T5Config config, String layer) {
        String name = layer + "DenseReluDense.";
        for (String inner : config.gated() ? new String[] {"wi_0", "wi_1"} : new String[] {"wi"}) {
            shapes.put(name + inner + ".weight", new long[] {config.hidden(), config.width()});
        }
        shapes.put(name + "wo.weight", new long[] {config.width(), config.hidden()});
        shapes.put(layer + "layer_norm.weight", new long[] {config.width()});
    }
}
