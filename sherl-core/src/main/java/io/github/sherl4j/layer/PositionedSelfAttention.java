package io.github.sherl4j.layer;

import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.Memory;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Self-attention with the context's attention bias and position biases, as in T5 (Raffel et al. 2020, section 2.1). */
public final class PositionedSelfAttention implements BranchLayer {
    private final Attention attention;

    /** A layer of an attention. */
    public PositionedSelfAttention(Attention attention) {
        this.attention = attention;
    }

    private record Kept(Context context, Attention.Kept attention) implements LayerStep {
        @Override
        public INDArray backward(INDArray gradOutput) {
            Memory memory = context.memory();
            INDArray gradInput = memory.scratch().array(gradOutput.shape());
            memory.ops().zero(gradInput);
            attention.backward(gradOutput, gradInput, gradInput, gradInput);
            return gradInput;
        }
    }

    /** As the interface says, for an input [batch, tokens, width]; the result may be the input. */
    @Override
    public void infer(INDArray input, Context context, INDArray result) {
        attention.infer(Attention.Inputs.same(input), context, bias(context), result);
    }

    /** As the interface says, for an input [batch, tokens, width]. The step's backward pass does not modify its argument. */
    @Override
    public LayerStep forward(INDArray input, Context context, INDArray result) {
        return new Kept(context, attention.forward(Attention.Inputs.same(input), context, bias(context), result));
    }

    private static Attention.Bias bias(Context context) {
        return new Attention.Bias(context.attentionBias(), context.positionBias());
    }

    /** Keeps keys and values of earlier tokens; no token sees a later one. */
    @Override
    public Stepwise stepwise(Arena lifetime, Context context, long batch, long maxTokens) {
        Attention.Past past = attention.new Past(lifetime, batch, maxTokens);
        return (input, now, result) -> past.next(input, now, new Attention.Bias(null, now.positionBias()), result);
    }

    @Override
    public boolean keepsInput() {
        return attention.keepsQueries() || attention.keepsSource();
    }

    @Override
    public List<Parameter> parameters() {
        return attention.parameters();
    }
}
