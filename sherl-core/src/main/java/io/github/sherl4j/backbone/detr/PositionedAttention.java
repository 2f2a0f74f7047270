package io.github.sherl4j.backbone.detr;

import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.Linear;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.layer.Step;
import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.nd.Ops;
import io.github.sherl4j.nd.Softmax;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * DETR's attention (Carion et al. 2020): positions are added to what becomes queries and keys, not to what becomes values,
 * {@code softmax((x + p) Wq ((m + r) Wk)^T / sqrt(d) + bias) m Wv}, per head, then an output projection.
 */
final class PositionedAttention {
    private final Linear query;
    private final Linear key;
    private final Linear value;
    private final Linear output;
    private final int heads;

    PositionedAttention(Linear query, Linear key, Linear value, Linear output, int heads) {
        this.query = query;
        this.key = key;
        this.value = value;
        this.output = output;
        this.heads = heads;
    }

    /**
     * What it reads; not modified.
     *
     * @param states x, [batch, queries, width]
     * @param positions p, in the same shape
     * @param memory m, [batch, keys, width]; the states themselves in self-attention
     * @param memoryPositions r, in the same shape
     * @param bias [batch, 1, 1, keys], or null
     */
    record Input(
            INDArray states,
            INDArray positions,
            INDArray memory,
            INDArray memoryPositions,
            @Nullable INDArray bias) {}

    /**
     * Where gradients are added, each in the shape of its input; null if nobody wants it. One array may stand in two places.
     */
    record Gradients(
            @Nullable INDArray states,
            @Nullable INDArray positions,
            @Nullable INDArray memory,
            @Nullable INDArray memoryPositions) {}

    /** Queries, keys, values and probabilities; inputs of projections only where their weights are trainable. */
    record Kept(
            PositionedAttention layer,
            Context context,
            INDArray queries,
            INDArray keys,
            INDArray values,
            INDArray probabilities,
            @Nullable INDArray queryInput,
            @Nullable INDArray keyInput,
            @Nullable INDArray valueInput,
            @Nullable INDArray mixed)
            implements Step {
        /** Adds the gradients of trainable parameters, and those that are wanted; gradOutput is not modified. */
        void backward(INDArray gradOutput, Gradients wanted) {
            layer.backward(this, gradOutput, wanted);
        }
    }

    /** Computes and keeps nothing; the result is [batch, queries, width], overwritten. */
    void infer(Input input, Context context, INDArray result) {
        Arena scratch = context.memory().scratch();
        try (Arena.Scope scope = scratch.scope()) {
            compute(input, context, scratch, result);
        }
    }

    /** Computes the same and keeps what the backward pass needs; if weights are trainable, states and memory themselves too. */
    Kept forward(Input input, Context context, INDArray result) {
        try (Arena.Scope scope = context.memory().scratch().scope()) {
            return compute(input, context, context.memory().step(), result);
        }
    }

    private Kept compute(Input input, Context context, Arena lifetime, INDArray result) {
        Memory memory = context.memory();
        Ops ops = memory.ops();
        Arena scratch = memory.scratch();
        INDArray queryInput = (trains(query) ? lifetime : scratch).array(input.states.shape());
        INDArray keyInput = (trains(key) ? lifetime : scratch).array(input.memory.shape());
        ops.add(input.states, input.positions, queryInput);
        ops.add(input.memory, input.memoryPositions, keyInput);
        INDArray queries = lifetime.array(input.states.shape());
        INDArray keys = lifetime.array(input.memory.shape());
        INDArray values = lifetime.array(input.memory.shape());
        INDArray probabilities = lifetime.array(queries.size(0), heads, input.states.size(1), input.memory.size(1));
        query.infer(queryInput, context, queries);
        key.infer(keyInput, context, keys);
        value.infer(input.memory, context, values);
        ops.product(split(memory, queries), split(memory, keys), probabilities, false, true, scale(queries), 0);
        if (input.bias != null) {
            ops.add(probabilities, input.bias, probabilities);
        }
        ops.softmax(probabilities, probabilities);
        INDArray mixed = (trains(output) ? lifetime : scratch).array(input.states.shape());
        ops.product(probabilities, split(memory, values), split(memory, mixed));
        output.infer(mixed, context, result);
        return new Kept(
                this,
                context,
                queries,
                keys,
                values,
                probabilities,
                trains(query) ? queryInput : null,
                trains(key) ? keyInput : null,
                trains(value) ? input.memory : null,
                trains(output) ? mixed : null);
    }

    private void backward(Kept kept, INDArray gradOutput, Gradients wanted) {
        Memory memory = kept.context.memory();
        Ops ops = memory.ops();
        Arena scratch = memory.scratch();
        double scale = scale(gradOutput);
        try (Arena.Scope scope = scratch.scope()) {
            output.addGradients(memory, kept.mixed, gradOutput);
            INDArray gradMixed = scratch.array(gradOutput.shape());
            output.inputGradient(memory, gradOutput, gradMixed, 0);
            INDArray gradHeads = split(memory, gradMixed);
            INDArray gradScores = scratch.array(kept.probabilities.shape());
            ops.product(gradHeads, split(memory, kept.values), gradScores, false, true, 1, 0);
            INDArray gradKeys = scratch.array(kept.keys.shape());
            if (wanted.memory != null || trains(value)) {
                ops.product(kept.probabilities, gradHeads, split(memory, gradKeys), true, false, 1, 0);
                value.addGradients(memory, kept.valueInput, gradKeys);
                add(memory, value, gradKeys, wanted.memory);
            }
            Softmax.gradient(memory, kept.probabilities, gradScores);
            if (wanted.memory != null || wanted.memoryPositions != null || trains(key)) {
                ops.product(gradScores, split(memory, kept.queries), split(memory, gradKeys), true, false, scale, 0);
                key.addGradients(memory, kept.keyInput, gradKeys);
                add(memory, key, gradKeys, wanted.memory);
                add(memory, key, gradKeys, wanted.memoryPositions);
            }
            INDArray gradQueries = gradMixed; // read for the last time above
            ops.product(gradScores, split(memory, kept.keys), split(memory, gradQueries), false, false, scale, 0);
            query.addGradients(memory, kept.queryInput, gradQueries);
            add(memory, query, gradQueries, wanted.states);
            add(memory, query, gradQueries, wanted.positions);
        }
    }

    private static void add(Memory memory, Linear projection, INDArray gradient, @Nullable INDArray wanted) {
        if (wanted != null) {
            projection.inputGradient(memory, gradient, wanted, 1);
        }
    }

    /** Whether the forward pass keeps the states and the memory. */
    boolean keepsInput() {
        return trains(value);
    }

    private static boolean trains(Linear projection) {
        return projection.parameters().stream().anyMatch(Parameter::trainable);
    }

    private INDArray split(Memory memory, INDArray states) {
        return memory.heads(states, states.size(0), states.size(1), heads);
    }

    private double scale(INDArray states) {
        return 1 / Math.sqrt(states.size(2) / (double) heads);
    }

    List<Parameter> parameters() {
        return Stream.of(query, key, value, output)
                .flatMap(projection -> projection.parameters().stream())
                .toList();
    }
}
