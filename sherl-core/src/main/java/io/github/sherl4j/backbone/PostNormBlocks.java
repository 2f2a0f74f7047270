package io.github.sherl4j.backbone;

import io.github.sherl4j.layer.FeedForward;
import io.github.sherl4j.layer.SelfAttention;
import io.github.sherl4j.layer.TransformerBlock;

/** The blocks of BERT and its kin: Hugging Face names of their tensors, and layers made of them. */
public final class PostNormBlocks {
    private PostNormBlocks() {}

    /**
     * One block.
     *
     * @param name what its tensors' names start with, such as {@code encoder.layer.0.}
     * @param normEps added to the variances of its norms
     */
    public static TransformerBlock block(NamedParameters named, String name, int heads, double normEps) {
        return new TransformerBlock(
                new SelfAttention(
                        named.linear(name + "attention.self.query"),
                        named.linear(name + "attention.self.key"),
                        named.linear(name + "attention.self.value"),
                        named.linear(name + "attention.output.dense"),
                        heads),
                named.norm(name + "attention.output.LayerNorm", normEps),
                new FeedForward(named.linear(name + "intermediate.dense"), named.linear(name + "output.dense")),
                named.norm(name + "output.LayerNorm", normEps));
    }

    /**
     * Adds the tensors of one block, in the network's order.
     *
     * @param hidden width of the layer inside the feed-forward network
     */
    public static void addShapes(TensorShapes shapes, String name, long width, long hidden) {
        shapes.linear(name + "attention.self.query", width, width)
                .linear(name + "attention.self.key", width, width)
                .linear(name + "attention.self.value", width, width)
                .linear(name + "attention.output.dense", width, width)
                .norm(name + "attention.output.LayerNorm", width)
                .linear(name + "intermediate.dense", hidden, width)
                .linear(name + "output.dense", width, hidden)
                .norm(name + "output.LayerNorm", width);
    }
}
