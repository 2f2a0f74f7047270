package io.github.sherl4j.layer;

import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.nd.Ops;
import java.util.List;
import java.util.stream.Stream;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A transformer encoder block with its norms behind the residual sums, as in BERT (Devlin et al. 2019):
 * {@code m = norm1(x + attention(x)); y = norm2(m + feedForward(m))}, x and y [batch, tokens, width].
 */
public final class TransformerBlock implements Layer {
    private final SelfAttention attention;
    private final LayerNorm attentionNorm;
    private final FeedForward feedForward;
    private final LayerNorm outputNorm;

    /** A block of its four parts. */
    public TransformerBlock(
            SelfAttention attention, LayerNorm attentionNorm, FeedForward feedForward, LayerNorm outputNorm) {
        this.attention = attention;
        this.attentionNorm = attentionNorm;
        this.feedForward = feedForward;
        this.outputNorm = outputNorm;
    }

    private record Kept(
            Context context, LayerStep attention, LayerStep attentionNorm, LayerStep feedForward, LayerStep outputNorm)
            implements LayerStep {
        @Override
        public INDArray backward(INDArray gradOutput) {
            Memory memory = context.memory();
            Ops ops = memory.ops();
            INDArray gradient = outputNorm.backward(gradOutput);
            try (Arena.Scope scope = memory.scratch().scope()) {
                ops.add(gradient, feedForward.backward(gradient), gradient);
            }
            gradient = attentionNorm.backward(gradient);
            try (Arena.Scope scope = memory.scratch().scope()) {
                ops.add(gradient, attention.backward(gradient), gradient);
            }
            return gradient;
        }
    }

    @Override
    public void infer(INDArray input, Context context, INDArray result) {
        Memory memory = context.memory();
        Ops ops = memory.ops();
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray middle = memory.scratch().array(input.shape());
            attention.infer(input, context, middle);
            ops.add(middle, input, middle);
            attentionNorm.infer(middle, context, middle);
            feedForward.infer(middle, context, result);
            ops.add(result, middle, result);
            outputNorm.infer(result, context, result);
        }
    }

    /** As the interface says. The step's backward pass overwrites its argument with the result. */
    @Override
    public LayerStep forward(INDArray input, Context context, INDArray result) {
        Memory memory = context.memory();
        Ops ops = memory.ops();
        boolean keepsMiddle = feedForward.keepsInput();
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray sum = memory.scratch().array(input.shape());
            INDArray middle = (keepsMiddle ? memory.step() : memory.scratch()).array(input.shape());
            LayerStep attentionStep = attention.forward(input, context, sum);
            ops.add(sum, input, sum);
            LayerStep attentionNormStep = attentionNorm.forward(sum, context, middle);
            LayerStep feedForwardStep = feedForward.forward(middle, context, sum);
            ops.add(sum, middle, sum);
            LayerStep outputNormStep = outputNorm.forward(sum, context, result);
            return new Kept(context, attentionStep, attentionNormStep, feedForwardStep, outputNormStep);
        }
    }

    @Override
    public List<Parameter> parameters() {
        return Stream.<Layer>of(attention, attentionNorm, feedForward, outputNorm)
                .flatMap(part -> part.parameters().stream())
                .toList();
    }
}
