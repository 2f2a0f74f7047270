package io.github.sherl4j.layer;

import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.Check;
import io.github.sherl4j.nd.Memory;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A bidirectional gated recurrent unit (Cho et al. 2014) as PyTorch's {@code GRU} of one layer: from [batch, tokens, in] to
 * [batch, tokens, 2 * hidden], the states of both directions side by side. Per direction, from a state h of zeros,
 *
 * <pre>
 * r  = sigmoid(W_ir x + b_ir + W_hr h + b_hr)
 * z  = sigmoid(W_iz x + b_iz + W_hz h + b_hz)
 * n  = tanh(W_in x + b_in + r * (W_hn h + b_hn))
 * h' = (1 - z) * n + z * h
 * </pre>
 *
 * <p>Padding stands behind the tokens. There the states are 0, and the backward direction starts at the last token, as with
 * PyTorch's packed sequences.
 */
public final class Gru implements Layer {
    private final GruCell forward;
    private final GruCell backward;

    /**
     * A layer over its parameters.
     *
     * @param forward the forward direction's: W_i [3 * hidden, in], W_h [3 * hidden, hidden], b_i [3 * hidden], b_h
     *     [3 * hidden], each for the gates r, z, n in this order
     * @param backward the backward direction's, of the same shapes
     */
    public Gru(List<Parameter> forward, List<Parameter> backward) {
        this.forward = cell("forward", forward, false);
        this.backward = cell("backward", backward, true);
        Check.shape(
                backward.get(0).name(),
                backward.get(0).value(),
                forward.get(0).value().shape());
    }

    private static GruCell cell(String name, List<Parameter> parameters, boolean reverse) {
        Check.argument(
                parameters.size() == 4,
                "%s must be 4 parameters, of input, of state and their biases, but are %s",
                name,
                parameters.size());
        return new GruCell(parameters.get(0), parameters.get(1), parameters.get(2), parameters.get(3), reverse);
    }

    /** What a forward pass keeps; the input only where its weights are trainable. */
    private record Kept(
            Gru layer,
            Context context,
            GruCell.Kept forward,
            GruCell.Kept backward,
            @Nullable INDArray mask,
            @Nullable INDArray input)
            implements LayerStep {
        @Override
        public INDArray backward(INDArray gradOutput) {
            return layer.backward(this, gradOutput);
        }
    }

    @Override
    public void infer(INDArray input, Context context, INDArray result) {
        Memory memory = context.memory();
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray mask = mask(context, memory.scratch());
            for (GruCell cell : List.of(forward, backward)) {
                try (Arena.Scope direction = memory.scratch().scope()) {
                    write(memory, cell, run(cell, input, context, mask, memory.scratch()), result);
                }
            }
        }
    }

    /** As the interface says. The step's backward pass does not modify its argument. */
    @Override
    public LayerStep forward(INDArray input, Context context, INDArray result) {
        Memory memory = context.memory();
        INDArray mask = mask(context, memory.step());
        GruCell.Kept keptForward = run(forward, input, context, mask, memory.step());
        GruCell.Kept keptBackward = run(backward, input, context, mask, memory.step());
        write(memory, forward, keptForward, result);
        write(memory, backward, keptBackward, result);
        boolean keepsInput = forward.keepsInput() || backward.keepsInput();
        return new Kept(this, context, keptForward, keptBackward, mask, keepsInput ? input : null);
    }

    private GruCell.Kept run(GruCell cell, INDArray input, Context context, @Nullable INDArray mask, Arena lifetime) {
        Check.shape("input of " + cell.parameters().get(0).name(), input, Check.ANY, Check.ANY, cell.inputs());
        return cell.forward(context.memory(), input, mask, lifetime);
    }

    /** The mask as [tokens, 1, sequences]. */
    private static @Nullable INDArray mask(Context context, Arena lifetime) {
        INDArray given = context.mask();
        if (given == null) {
            return null;
        }
        Memory memory = context.memory();
        INDArray mask = lifetime.array(given.size(1), 1, given.size(0));
        memory.ops().copy(memory.permute(given, 1, 0), memory.reshape(mask, given.size(1), given.size(0)));
        return mask;
    }

    private INDArray backward(Kept kept, INDArray gradOutput) {
        Memory memory = kept.context.memory();
        long sequences = gradOutput.size(0);
        long tokens = gradOutput.size(1);
        INDArray gradInput = memory.scratch().array(sequences, tokens, forward.inputs());
        memory.ops().zero(gradInput);
        pass(forward, kept, kept.forward, gradOutput, gradInput);
        pass(backward, kept, kept.backward, gradOutput, gradInput);
        return gradInput;
    }

    private void pass(GruCell cell, Kept kept, GruCell.Kept own, INDArray gradOutput, INDArray gradInput) {
        Memory memory = kept.context.memory();
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray gradStates = memory.scratch().array(own.proposals().shape());
            INDArray side = side(memory, cell, gradOutput); // [1, sequences, tokens, hidden]
            long tokens = gradStates.size(0);
            memory.ops()
                    .copy(
                            memory.permute(side, 0, 2, 3, 1),
                            memory.reshape(gradStates, 1, tokens, gradStates.size(1), gradStates.size(2)));
            cell.backward(memory, own, kept.input, kept.mask, gradStates, gradInput);
        }
    }

    private void write(Memory memory, GruCell cell, GruCell.Kept kept, INDArray result) {
        memory.ops().copy(cell.bySequence(memory, kept), side(memory, cell, result));
    }

    /** One direction's half of [batch, tokens, 2 * hidden], as [1, batch, tokens, hidden]. */
    private INDArray side(Memory memory, GruCell cell, INDArray both) {
        long index = cell == backward ? 1 : 0;
        INDArray split = memory.reshape(both, both.size(0), both.size(1), 2, cell.hidden());
        return memory.slices(memory.permute(split, 2, 0, 1, 3), index, index + 1);
    }

    @Override
    public long[] outputShape(long... inputShape) {
        long[] shape = inputShape.clone();
        shape[shape.length - 1] = 2 * forward.hidden();
        return shape;
    }

    @Override
    public List<Parameter> parameters() {
        return Stream.concat(forward.parameters().stream(), backward.parameters().stream())
                .toList();
    }
}
