package io.github.sherl4j.backbone.clip;

import io.github.sherl4j.backbone.NamedParameters;
import io.github.sherl4j.backbone.TensorShapes;
import io.github.sherl4j.layer.Activation;
import io.github.sherl4j.layer.FeedForward;
import io.github.sherl4j.layer.Layer;
import io.github.sherl4j.layer.PreNormBlock;
import io.github.sherl4j.layer.SelfAttention;
import java.util.List;
import java.util.stream.IntStream;

/** The chain of blocks, alike in both towers but for its names' beginning. */
final class ClipBlocks {
    private ClipBlocks() {}

    private static String name(String tower, int index) {
        return tower + "encoder.layers." + index + ".";
    }

    static void addShapes(TensorShapes shapes, String tower, int layers, long width, long hidden) {
        for (int i = 0; i < layers; i++) {
            String block = name(tower, i);
            shapes.norm(block + "layer_norm1", width)
                    .linear(block + "self_attn.q_proj", width, width)
                    .linear(block + "self_attn.k_proj", width, width)
                    .linear(block + "self_attn.v_proj", width, width)
                    .linear(block + "self_attn.out_proj", width, width)
                    .norm(block + "layer_norm2", width)
                    .linear(block + "mlp.fc1", hidden, width)
                    .linear(block + "mlp.fc2", width, hidden);
        }
    }

    static List<Layer> of(
            NamedParameters parameters, String tower, int layers, int heads, Activation activation, double normEps) {
        return IntStream.range(0, layers)
                .mapToObj(i -> block(parameters, name(tower, i), heads, activation, normEps))
                .toList();
    }

    private static Layer block(
            NamedParameters parameters, String block, int heads, Activation activation, double normEps) {
        SelfAttention attention = new SelfAttention(
                parameters.linear(block + "self_attn.q_proj"),
                parameters.linear(block + "self_attn.k_proj"),
                parameters.linear(block + "self_attn.v_proj"),
                parameters.linear(block + "self_attn.out_proj"),
                heads);
        FeedForward feedForward =
                new FeedForward(parameters.linear(block + "mlp.fc1"), parameters.linear(block + "mlp.fc2"), activation);
        return new PreNormBlock(
                parameters.norm(block + "layer_norm1", normEps),
                attention,
                parameters.norm(block + "layer_norm2", normEps),
                feedForward);
    }
}
