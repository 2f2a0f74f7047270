package io.github.sherl4j.layer;

import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.nd.Ops;
import java.util.List;
import java.util.stream.Stream;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A transformer block with its norms before attention and feed-forward network, as in ViT (Dosovitskiy et al. 2021, equations 2
 * and 3) and CLIP: {@code m = x + attention(norm1(x)); y = m + feedForward(norm2(m))}, x and y [batch, tokens, width]. Its states
 * are sums that nothing has normalised yet: a network of such blocks has one more norm at its end.
 */
public final class PreNormBlock implements Layer {
    private final LayerNorm attentionNorm;
    private final SelfAttention attention;
    private final LayerNorm feedForwardNorm;
    private final FeedForward feedForward;

    /** A block of its four parts. */
    public PreNormBlock(
            LayerNorm attentionNorm, SelfAttention attention, LayerNorm feedForwardNorm, FeedForward feedForward) {
        this.attentionNorm = attentionNorm;
        this.attention = attention;
        this.feedForwardNorm = feedForwardNorm;
        this.feedForward = feedForward;
    }

    private record Kept(
            Context context,
            LayerStep attentionNorm,
            LayerStep attention,
            LayerStep feedForwardNorm,
            LayerStep feedForward)
            implements LayerStep {
        @Override
        public INDArray backward(INDArray gradOutput) {
            addBranch(feedForwardNorm, feedForward, gradOutput);
            addBranch(attentionNorm, attention, gradOutput);
            return gradOutput;
        }

        private void addBranch(LayerStep norm, LayerStep branch, INDArray gradient) {
            Memory memory = context.memory();
            try (Arena.Scope scope = memory.scratch().scope()) {
                memory.ops().add(gradient, norm.backward(branch.backward(gradient)), gradient);
            }
        }
    }

    @Override
    public void infer(INDArray input, Context context, INDArray result) {
        Memory memory = context.memory();
        Ops ops = memory.ops();
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray branch = memory.scratch().array(input.shape());
            attentionNorm.infer(input, context, branch);
            attention.infer(branch, context, result);
            ops.add(result, input, result);
            feedForwardNorm.infer(result, context, branch);
            feedForward.infer(branch, context, branch);
            ops.add(result, branch, result);
        }
    }

    /** As the interface says. The step's backward pass overwrites its argument with the result. */
    @Override
    public LayerStep forward(INDArray input, Context context, INDArray result) {
        Memory memory = context.memory();
        Ops ops = memory.ops();
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray attended = lifetime(memory, attention.keepsInput()).array(input.shape());
            LayerStep attentionNormStep = attentionNorm.forward(input, context, attended);
            LayerStep attentionStep = attention.forward(attended, context, result);
            ops.add(result, input, result);
            INDArray branch = memory.scratch().array(input.shape());
            INDArray normed = feedForward.keepsInput() ? memory.step().array(input.shape()) : branch;
            LayerStep feedForwardNormStep = feedForwardNorm.forward(result, context, normed);
            LayerStep feedForwardStep = feedForward.forward(normed, context, branch);
            ops.add(result, branch, result);
            return new Kept(context, attentionNormStep, attentionStep, feedForwardNormStep, feedForwardStep);
        }
    }

    private static Arena lifetime(Memory memory, boolean kept) {
        return kept ? memory.step() : memory.scratch();
    }

    @Override
    public List<Parameter> parameters() {
        return Stream.<Layer>of(attentionNorm, attention, feedForwardNorm, feedForward)
                .flatMap(part -> part.parameters().stream())
                .toList();
    }
}
