package io.github.sherl4j.layer;

import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.Memory;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Attention of a decoder's tokens to the {@link Source} in the context. Its backward pass adds the gradient of the source's
 * states where the source asks for it: so gradients leave the decoder for the encoder.
 */
public final class CrossAttention implements BranchLayer {
    private final Attention attention;

    /** A layer of an attention. */
    public CrossAttention(Attention attention) {
        this.attention = attention;
    }

    private record Kept(Context context, Source source, Attention.Kept attention) implements LayerStep {
        @Override
        public INDArray backward(INDArray gradOutput) {
            Memory memory = context.memory();
            INDArray gradInput = memory.scratch().array(gradOutput.shape());
            memory.ops().zero(gradInput);
            attention.backward(gradOutput, gradInput, source.gradStates(), source.gradStates());
            return gradInput;
        }
    }

    /** As the interface says, for an input [batch, tokens, width]; the result may be the input. */
    @Override
    public void infer(INDArray input, Context context, INDArray result) {
        Source source = source(context);
        attention.infer(inputs(input, source), context, bias(source), result);
    }

    /** As the interface says, for an input [batch, tokens, width]. The step's backward pass does not modify its argument. */
    @Override
    public LayerStep forward(INDArray input, Context context, INDArray result) {
        Source source = source(context);
        return new Kept(context, source, attention.forward(inputs(input, source), context, bias(source), result));
    }

    private static Attention.Inputs inputs(INDArray input, Source source) {
        return new Attention.Inputs(input, source.states(), source.states());
    }

    private static Attention.Bias bias(Source source) {
        return new Attention.Bias(source.attentionBias(), null);
    }

    private static Source source(Context context) {
        Source source = context.source();
        if (source == null) {
            throw new IllegalArgumentException("context must have a source for cross-attention, but has none");
        }
        return source;
    }

    /** Projects the context's source once. */
    @Override
    public Stepwise stepwise(Arena lifetime, Context context, long batch, long maxTokens) {
        Source source = source(context);
        Attention.Projected projected = attention.new Projected(lifetime, source.states(), context);
        return (input, now, result) -> projected.attend(input, now, bias(source), result);
    }

    @Override
    public boolean keepsInput() {
        return attention.keepsQueries();
    }

    @Override
    public List<Parameter> parameters() {
        return attention.parameters();
    }
}
