package io.github.sherl4j.layer;

import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.Memory;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A feed-forward network whose hidden units are gated (Shazeer 2020, equation 5): {@code outer(activation(gate(x)) * linear(x))} on
 * each token, as in T5 v1.1.
 */
public final class GatedFeedForward implements BranchLayer {
    private final Linear gate;
    private final Linear linear;
    private final Linear outer;
    private final Activation activation;

    /**
     * A layer of three projections.
     *
     * @param gate [hidden, width]
     * @param linear [hidden, width]
     * @param outer [width, hidden]
     */
    public GatedFeedForward(Linear gate, Linear linear, Linear outer, Activation activation) {
        this.gate = gate;
        this.linear = linear;
        this.outer = outer;
        this.activation = activation;
    }

    /**
     * The states before the activation and beside it, each [..., hidden]; their product, and the input, only where a weight is
     * trainable.
     */
    private record Kept(
            GatedFeedForward layer,
            Context context,
            INDArray preactivation,
            INDArray values,
            @Nullable INDArray product,
            @Nullable INDArray input)
            implements LayerStep {
        @Override
        public INDArray backward(INDArray gradOutput) {
            return layer.backward(this, gradOutput);
        }
    }

    /** As the interface says; the result may be the input. */
    @Override
    public void infer(INDArray input, Context context, INDArray result) {
        Arena scratch = context.memory().scratch();
        try (Arena.Scope scope = scratch.scope()) {
            INDArray hidden = scratch.array(gate.outputShape(input.shape()));
            INDArray values = scratch.array(hidden.shape());
            compute(input, context, hidden, values, hidden, result);
        }
    }

    /** As the interface says. The step's backward pass does not modify its argument. */
    @Override
    public LayerStep forward(INDArray input, Context context, INDArray result) {
        Memory memory = context.memory();
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray preactivation = memory.step().array(gate.outputShape(input.shape()));
            INDArray values = memory.step().array(preactivation.shape());
            Arena lifetime = outer.keepsInput() ? memory.step() : memory.scratch();
            INDArray product = lifetime.array(preactivation.shape());
            compute(input, context, preactivation, values, product, result);
            return new Kept(
                    this,
                    context,
                    preactivation,
                    values,
                    outer.keepsInput() ? product : null,
                    keepsInput() ? input : null);
        }
    }

    private void compute(
            INDArray input,
            Context context,
            INDArray preactivation,
            INDArray values,
            INDArray product,
            INDArray result) {
        Memory memory = context.memory();
        gate.infer(input, context, preactivation);
        linear.infer(input, context, values);
        activation.apply(memory, preactivation, product);
        memory.ops().multiply(product, values, product);
        outer.infer(product, context, result);
    }

    private INDArray backward(Kept kept, INDArray gradOutput) {
        Memory memory = kept.context.memory();
        Arena scratch = memory.scratch();
        INDArray gradInput = scratch.array(gradOutput.shape());
        try (Arena.Scope scope = scratch.scope()) {
            INDArray gradGate = scratch.array(kept.values.shape());
            INDArray gradValues = scratch.array(kept.values.shape());
            outer.addGradients(memory, kept.product, gradOutput);
            outer.inputGradient(memory, gradOutput, gradGate, 0);

            activation.apply(memory, kept.preactivation, gradValues);
            memory.ops().multiply(gradValues, gradGate, gradValues);
            linear.addGradients(memory, kept.input, gradValues);
            linear.inputGradient(memory, gradValues, gradInput, 0);

            memory.ops().multiply(gradGate, kept.values, gradGate);
            activation.gradient(memory, kept.preactivation, gradGate);
            gate.addGradients(memory, kept.input, gradGate);
            gate.inputGradient(memory, gradGate, gradInput, 1);
        }
        return gradInput;
    }

    @Override
    public boolean keepsInput() {
        return gate.keepsInput() || linear.keepsInput();
    }

    @Override
    public List<Parameter> parameters() {
        return Stream.of(gate, linear, outer)
                .flatMap(projection -> projection.parameters().stream())
                .toList();
    }
}
