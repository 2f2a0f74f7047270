package io.github.sherl4j.layer;

import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.Check;
import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.nd.Ops;
import io.github.sherl4j.nd.Softmax;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Multi-head self-attention (Vaswani et al. 2017): per head {@code softmax(Q K^T / sqrt(d) + bias) V}, heads side by side,
 * then an output projection. Heads are strided views; nothing is transposed in memory.
 */
public final class SelfAttention implements Layer {
    private final Linear query;
    private final Linear key;
    private final Linear value;
    private final Linear output;
    private final int heads;

    /**
     * A layer of four projections [width, width].
     *
     * @param heads number of heads, a divisor of the width
     */
    public SelfAttention(Linear query, Linear key, Linear value, Linear output, int heads) {
        long width = query.outputShape(0)[0];
        Check.argument(heads > 0 && width % heads == 0, "heads must divide the width %s, but is %s", width, heads);
        this.query = query;
        this.key = key;
        this.value = value;
        this.output = output;
        this.heads = heads;
    }

    /**
     * Queries, keys and values [batch, tokens, width] and probabilities [batch, heads, tokens, tokens]; the input and the
     * heads' results only where a projection of them is trainable.
     */
    private record Kept(
            SelfAttention layer,
            Context context,
            INDArray queries,
            INDArray keys,
            INDArray values,
            INDArray probabilities,
            @Nullable INDArray input,
            @Nullable INDArray mixed)
            implements LayerStep {
        @Override
        public INDArray backward(INDArray gradOutput) {
            return layer.backward(this, gradOutput);
        }
    }

    /** As the interface says, for an input [batch, tokens, width]. */
    @Override
    public void infer(INDArray input, Context context, INDArray result) {
        Arena scratch = context.memory().scratch();
        try (Arena.Scope scope = scratch.scope()) {
            INDArray mixed = scratch.array(input.shape());
            attend(input, context, scratch, mixed);
            output.infer(mixed, context, result);
        }
    }

    /** As the interface says, for an input [batch, tokens, width]. The step's backward pass does not modify its argument. */
    @Override
    public LayerStep forward(INDArray input, Context context, INDArray result) {
        Memory memory = context.memory();
        try (Arena.Scope scope = memory.scratch().scope()) {
            Arena lifetime = output.keepsInput() ? memory.step() : memory.scratch();
            INDArray mixed = lifetime.array(input.shape());
            Attended states = attend(input, context, memory.step(), mixed);
            output.infer(mixed, context, result);
            return new Kept(
                    this,
                    context,
                    states.queries,
                    states.keys,
                    states.values,
                    states.probabilities,
                    keepsInput() ? input : null,
                    output.keepsInput() ? mixed : null);
        }
    }

    /** Whether the forward pass keeps its input. */
    boolean keepsInput() {
        return query.keepsInput() || key.keepsInput() || value.keepsInput();
    }

    private record Attended(INDArray queries, INDArray keys, INDArray values, INDArray probabilities) {}

    private Attended attend(INDArray input, Context context, Arena lifetime, INDArray mixed) {
        Check.shape("input of attention", input, Check.ANY, Check.ANY, query.outputShape(0)[0]);
        Memory memory = context.memory();
        Ops ops = memory.ops();
        INDArray queries = lifetime.array(input.shape());
        INDArray keys = lifetime.array(input.shape());
        INDArray values = lifetime.array(input.shape());
        INDArray probabilities = lifetime.array(input.size(0), heads, input.size(1), input.size(1));
        query.infer(input, context, queries);
        key.infer(input, context, keys);
        value.infer(input, context, values);
        ops.product(split(memory, queries), split(memory, keys), probabilities, false, true, scale(input), 0);
        if (context.attentionBias() != null) {
            ops.add(probabilities, context.attentionBias(), probabilities);
        }
        ops.softmax(probabilities, probabilities);
        ops.product(probabilities, split(memory, values), split(memory, mixed));
        return new Attended(queries, keys, values, probabilities);
    }

    private INDArray backward(Kept kept, INDArray gradOutput) {
        Memory memory = kept.context.memory();
        Ops ops = memory.ops();
        Arena scratch = memory.scratch();
        INDArray gradInput = scratch.array(gradOutput.shape());
        try (Arena.Scope scope = scratch.scope()) {
            output.addGradients(memory, kept.mixed, gradOutput);
            INDArray gradMixed = scratch.array(gradOutput.shape());
            output.inputGradient(memory, gradOutput, gradMixed, 0);

            INDArray gradScores = scratch.array(kept.probabilities.shape());
            INDArray gradHeads = split(memory, gradMixed);
            ops.product(gradHeads, split(memory, kept.values), gradScores, false, true, 1, 0);
            INDArray gradProjected = scratch.array(gradOutput.shape());
            ops.product(kept.probabilities, gradHeads, split(memory, gradProjected), true, false, 1, 0);
            passOn(value, kept, gradProjected, gradInput, 0);

            Softmax.gradient(memory, kept.probabilities, gradScores);
            double scale = scale(gradOutput);
            ops.product(gradScores, split(memory, kept.keys), split(memory, gradProjected), false, false, scale, 0);
            passOn(query, kept, gradProjected, gradInput, 1);
            ops.product(gradScores, split(memory, kept.queries), split(memory, gradProjected), true, false, scale, 0);
            passOn(key, kept, gradProjected, gradInput, 1);
        }
        return gradInput;
    }

    private static void passOn(Linear projection, Kept kept, INDArray gradient, INDArray gradInput, double keep) {
        Memory memory = kept.context.memory();
        projection.addGradients(memory, projection.keepsInput() ? kept.input : null, gradient);
        projection.inputGradient(memory, gradient, gradInput, keep);
    }

    private INDArray split(Memory memory, INDArray states) {
        return memory.heads(states, states.size(0), states.size(1), heads);
    }

    private double scale(INDArray states) {
        return 1 / Math.sqrt(states.size(2) / (double) heads);
    }

    @Override
    public List<Parameter> parameters() {
        return Stream.of(query, key, value, output)
                .flatMap(projection -> projection.parameters().stream())
                .toList();
    }
}
