package io.github.sherl4j.backbone.clip;

import io.github.sherl4j.layer.Activation;
import io.github.sherl4j.weights.WeightSource;
import java.util.stream.Stream;

/**
 * Sizes of a CLIP from the shapes of its tensors under OpenAI's names, which come without a configuration. As in OpenAI's own
 * program, an attention head is 64 wide; activation and eps are those of its checkpoints.
 */
final class OpenAiSizes {
    private static final int HEAD_WIDTH = 64;
    private static final double NORM_EPS = 1e-5;

    private final WeightSource weights;

    private OpenAiSizes(WeightSource weights) {
        this.weights = weights;
    }

    static ClipImageConfig image(WeightSource weights) {
        return new OpenAiSizes(weights).image();
    }

    static ClipTextConfig text(WeightSource weights) {
        return new OpenAiSizes(weights).text();
    }

    private ClipImageConfig image() {
        long[] patches = shape("visual.conv1.weight", 4); // [width, channels, patch, patch]
        long[] positions = shape("visual.positional_embedding", 2);
        int grid = (int) Math.round(Math.sqrt(positions[0] - 1.0));
        int patch = (int) patches[2];
        int width = (int) patches[0];
        return new ClipImageConfig(
                grid * patch,
                patch,
                (int) patches[1],
                width,
                layers("visual.transformer.resblocks."),
                Math.max(1, width / HEAD_WIDTH),
                (int) shape("visual.transformer.resblocks.0.mlp.c_fc.weight", 2)[0],
                (int) shape("visual.proj", 2)[1],
                Activation.QUICK_GELU,
                NORM_EPS);
    }

    private ClipTextConfig text() {
        long[] words = shape("token_embedding.weight", 2);
        int width = (int) words[1];
        return new ClipTextConfig(
                (int) words[0],
                (int) shape("positional_embedding", 2)[0],
                width,
                layers("transformer.resblocks."),
                Math.max(1, width / HEAD_WIDTH),
                (int) shape("transformer.resblocks.0.mlp.c_fc.weight", 2)[0],
                (int) shape("text_projection", 2)[1],
                Activation.QUICK_GELU,
                NORM_EPS);
    }

    private int layers(String beginning) {
        Stream<String> firsts =
                weights.names().stream().filter(name -> name.startsWith(beginning) && name.endsWith(".ln_1.weight"));
        return (int) firsts.count();
    }

    private long[] shape(String name, int rank) {
        if (!weights.names().contains(name)) {
            throw new IllegalArgumentException(
                    "%s: without a config.json beside it, expected a vision transformer and a text transformer under OpenAI's names, but there is no tensor %s"
                            .formatted(weights.origin(), name));
        }
        long[] shape = weights.shape(name);
        if (shape.length != rank) {
            throw new IllegalArgumentException(
                    "%s: %s must have %d dimensions, but has %d".formatted(weights.origin(), name, rank, shape.length));
        }
        return shape;
    }
}
