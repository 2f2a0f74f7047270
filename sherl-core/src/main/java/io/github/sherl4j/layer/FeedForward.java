package io.github.sherl4j.layer;

import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.Memory;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The two-layer network of a transformer block, {@code outer(activation(inner(x)))}, on each token. */
public final class FeedForward implements BranchLayer {
    private final Linear inner;
    private final Linear outer;
    private final Activation activation;

    /**
     * A layer of two projections with the exact GELU between them.
     *
     * @param inner [hidden, width]
     * @param outer [width, hidden]
     */
    public FeedForward(Linear inner, Linear outer) {
        this(inner, outer, Activation.GELU);
    }

    /**
     * A layer of two projections.
     *
     * @param inner [hidden, width]
     * @param outer [width, hidden]
     */
    public FeedForward(Linear inner, Linear outer, Activation activation) {
        this.inner = inner;
        this.outer = outer;
        this.activation = activation;
    }

    /** The state before the activation [..., hidden]; that after it, and the input, only where a weight is trainable. */
    private record Kept(
            FeedForward layer,
            Context context,
            INDArray preactivation,
            @Nullable INDArray active,
            @Nullable INDArray input)
            implements LayerStep {
        @Override
        public INDArray backward(INDArray gradOutput) {
            Memory memory = context.memory();
            INDArray gradInput = memory.scratch().array(gradOutput.shape());
            try (Arena.Scope scope = memory.scratch().scope()) {
                layer.outer.addGradients(memory, active, gradOutput);
                INDArray gradHidden = memory.scratch().array(preactivation.shape());
                layer.outer.inputGradient(memory, gradOutput, gradHidden, 0);
                layer.activation.gradient(memory, preactivation, gradHidden);
                layer.inner.addGradients(memory, input, gradHidden);
                layer.inner.inputGradient(memory, gradHidden, gradInput, 0);
            }
            return gradInput;
        }
    }

    /** As the interface says; the result may be the input. */
    @Override
    public void infer(INDArray input, Context context, INDArray result) {
        Arena scratch = context.memory().scratch();
        try (Arena.Scope scope = scratch.scope()) {
            INDArray hidden = scratch.array(inner.outputShape(input.shape()));
            compute(input, context, hidden, hidden, result);
        }
    }

    /** As the interface says. The step's backward pass does not modify its argument. */
    @Override
    public LayerStep forward(INDArray input, Context context, INDArray result) {
        Memory memory = context.memory();
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray hidden = memory.step().array(inner.outputShape(input.shape()));
            Arena lifetime = outer.keepsInput() ? memory.step() : memory.scratch();
            INDArray active = lifetime.array(hidden.shape());
            compute(input, context, hidden, active, result);
            return new Kept(
                    this, context, hidden, outer.keepsInput() ? active : null, inner.keepsInput() ? input : null);
        }
    }

    @Override
    public boolean keepsInput() {
        return inner.keepsInput();
    }

    private void compute(INDArray input, Context context, INDArray hidden, INDArray active, INDArray result) {
        inner.infer(input, context, hidden);
        activation.apply(context.memory(), hidden, active);
        outer.infer(active, context, result);
    }

    @Override
    public List<Parameter> parameters() {
        return Stream.concat(inner.parameters().stream(), outer.parameters().stream())
                .toList();
    }
}
