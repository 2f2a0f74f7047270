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
 * Multi-head attention of any queries to any keys and values (Vaswani et al. 2017): per head {@code softmax(scale Q K^T + bias) V},
 * heads side by side, then an output projection. Heads may be narrower or wider together than the states. Heads are strided
 * views; nothing is transposed in memory.
 */
public final class Attention {
    private final Linear query;
    private final Linear key;
    private final Linear value;
    private final Linear output;
    private final int heads;
    private final double scale;
    private final long width;
    private final long inner;

    /**
     * A layer of four projections.
     *
     * @param query [inner, width], as are key and value
     * @param output [width, inner]
     * @param heads number of heads, a divisor of the inner width
     * @param scale factor of the products of queries and keys: 1 in T5, 1 / sqrt(inner / heads) elsewhere
     */
    public Attention(Linear query, Linear key, Linear value, Linear output, int heads, double scale) {
        this.inner = query.outputShape(0)[0];
        this.width = output.outputShape(0)[0];
        Check.argument(heads > 0 && inner % heads == 0, "heads must divide the width %s, but is %s", inner, heads);
        this.query = query;
        this.key = key;
        this.value = value;
        this.output = output;
        this.heads = heads;
        this.scale = scale;
    }

    /**
     * What attention reads; several may be the same array.
     *
     * @param queries [batch, tokens, width], not modified
     * @param keys [batch, source tokens, width], not modified
     * @param values [batch, source tokens, width], not modified
     */
    public record Inputs(INDArray queries, INDArray keys, INDArray values) {
        /** Those of self-attention. */
        public static Inputs same(INDArray states) {
            return new Inputs(states, states, states);
        }
    }

    /**
     * What is added to the scores.
     *
     * @param mask broadcast to [batch, heads, tokens, source tokens]; null for none
     * @param positions for the positions of two tokens; null for none
     */
    public record Bias(@Nullable INDArray mask, @Nullable PositionBias positions) {}

    /**
     * What a forward pass keeps: projected queries [batch, tokens, inner], keys and values [batch, source tokens, inner],
     * probabilities [batch, heads, tokens, source tokens]; an input and the heads' results only where a projection of them is
     * trainable.
     */
    public record Kept(
            Attention layer,
            Context context,
            @Nullable PositionBias positions,
            INDArray queries,
            INDArray keys,
            INDArray values,
            INDArray probabilities,
            @Nullable INDArray queryInput,
            @Nullable INDArray keyInput,
            @Nullable INDArray valueInput,
            @Nullable INDArray mixed)
            implements Step {
        /**
         * Adds the gradients of trainable parameters and of position biases, and those of the inputs to given arrays, which may
         * be the same one where inputs are.
         *
         * @param gradOutput [batch, tokens, width], not modified
         * @param gradQueries in the shape of the queries' input, added to
         * @param gradKeys in the shape of the keys' input, added to; null if nobody asks for it
         * @param gradValues in the shape of the values' input, added to; null if nobody asks for it
         */
        public void backward(
                INDArray gradOutput, INDArray gradQueries, @Nullable INDArray gradKeys, @Nullable INDArray gradValues) {
            layer.backward(this, gradOutput, gradQueries, gradKeys, gradValues);
        }
    }

    /**
     * Computes and keeps nothing.
     *
     * @param result [batch, tokens, width], overwritten; may be one of the inputs
     */
    public void infer(Inputs inputs, Context context, Bias bias, INDArray result) {
        Arena scratch = context.memory().scratch();
        try (Arena.Scope scope = scratch.scope()) {
            INDArray mixed = projected(scratch, inputs.queries);
            attend(inputs, context, bias, scratch, mixed);
            output.infer(mixed, context, result);
        }
    }

    /**
     * Computes and keeps what the backward pass needs, in the step arena.
     *
     * @param result [batch, tokens, width], overwritten
     */
    public Kept forward(Inputs inputs, Context context, Bias bias, INDArray result) {
        Memory memory = context.memory();
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray mixed = projected(output.keepsInput() ? memory.step() : memory.scratch(), inputs.queries);
            Attended attended = attend(inputs, context, bias, memory.step(), mixed);
            output.infer(mixed, context, result);
            return new Kept(
                    this,
                    context,
                    bias.positions,
                    attended.queries,
                    attended.keys,
                    attended.values,
                    attended.probabilities,
                    query.keepsInput() ? inputs.queries : null,
                    key.keepsInput() ? inputs.keys : null,
                    value.keepsInput() ? inputs.values : null,
                    output.keepsInput() ? mixed : null);
        }
    }

    private record Attended(INDArray queries, INDArray keys, INDArray values, INDArray probabilities) {}

    private Attended attend(Inputs inputs, Context context, Bias bias, Arena lifetime, INDArray mixed) {
        Check.shape("queries of attention", inputs.queries, Check.ANY, Check.ANY, width);
        Check.shape("keys of attention", inputs.keys, inputs.queries.size(0), Check.ANY, width);
        Check.shape("values of attention", inputs.values, inputs.keys.shape());
        Memory memory = context.memory();
        INDArray queries = projected(lifetime, inputs.queries);
        INDArray keys = projected(lifetime, inputs.keys);
        INDArray values = projected(lifetime, inputs.values);
        INDArray probabilities = lifetime.array(queries.size(0), heads, queries.size(1), keys.size(1));
        query.infer(inputs.queries, context, queries);
        key.infer(inputs.keys, context, keys);
        value.infer(inputs.values, context, values);
        mix(memory, split(memory, queries), split(memory, keys), split(memory, values), bias, probabilities, mixed);
        return new Attended(queries, keys, values, probabilities);
    }

    /** From heads [batch, heads, tokens, size] of each to the probabilities and the heads' results side by side. */
    private void mix(
            Memory memory,
            INDArray queries,
            INDArray keys,
            INDArray values,
            Bias bias,
            INDArray probabilities,
            INDArray mixed) {
        Ops ops = memory.ops();
        ops.product(queries, keys, probabilities, false, true, scale, 0);
        if (bias.positions != null) {
            ops.add(probabilities, bias.positions.values(), probabilities);
        }
        if (bias.mask != null) {
            ops.add(probabilities, bias.mask, probabilities);
        }
        ops.softmax(probabilities, probabilities);
        ops.product(probabilities, values, split(memory, mixed));
    }

    private void backward(
            Kept kept,
            INDArray gradOutput,
            INDArray gradQueries,
            @Nullable INDArray gradKeys,
            @Nullable INDArray gradValues) {
        Memory memory = kept.context.memory();
        Ops ops = memory.ops();
        Arena scratch = memory.scratch();
        try (Arena.Scope scope = scratch.scope()) {
            output.addGradients(memory, kept.mixed, gradOutput);
            INDArray gradMixed = scratch.array(kept.queries.shape());
            output.inputGradient(memory, gradOutput, gradMixed, 0);

            INDArray gradScores = scratch.array(kept.probabilities.shape());
            INDArray gradHeads = split(memory, gradMixed);
            ops.product(gradHeads, split(memory, kept.values), gradScores, false, true, 1, 0);
            INDArray gradSource = scratch.array(kept.keys.shape());
            ops.product(kept.probabilities, gradHeads, split(memory, gradSource), true, false, 1, 0);
            passOn(memory, value, kept.valueInput, gradSource, gradValues);

            Softmax.gradient(memory, kept.probabilities, gradScores);
            addPositionGradient(memory, kept.positions, gradScores);
            ops.product(gradScores, split(memory, kept.queries), split(memory, gradSource), true, false, scale, 0);
            passOn(memory, key, kept.keyInput, gradSource, gradKeys);
            ops.product(gradScores, split(memory, kept.keys), split(memory, gradMixed), false, false, scale, 0);
            passOn(memory, query, kept.queryInput, gradMixed, gradQueries);
        }
    }

    private static void passOn(
            Memory memory,
            Linear projection,
            @Nullable INDArray input,
            INDArray gradient,
            @Nullable INDArray gradInput) {
        projection.addGradients(memory, input, gradient);
        if (gradInput != null) {
            projection.inputGradient(memory, gradient, gradInput, 1);
        }
    }

    private static void addPositionGradient(Memory memory, @Nullable PositionBias positions, INDArray gradScores) {
        if (positions != null && positions.gradient() != null) {
            INDArray gradient = positions.gradient();
            long length = gradient.length();
            INDArray samples = memory.reshape(gradScores, gradScores.length() / length, length);
            memory.ops().sumColumns(samples, memory.reshape(gradient, length, 1), 1);
        }
    }

    /** Keys and values of the tokens that there are already, for sequences that grow token by token. */
    public final class Past {
        private final INDArray keys;
        private final INDArray values;
        private long tokens;

        /**
         * No tokens yet.
         *
         * @param lifetime of the keys and values, [maxTokens, batch, inner] each
         */
        public Past(Arena lifetime, long batch, long maxTokens) {
            keys = lifetime.array(maxTokens, batch, inner);
            values = lifetime.array(maxTokens, batch, inner);
        }

        /**
         * Adds a token to each sequence, and lets it attend to all tokens up to itself.
         *
         * @param input [batch, 1, width], not modified
         * @param bias for one query and the tokens so far, this one included
         * @param result [batch, 1, width], overwritten
         */
        public void next(INDArray input, Context context, Bias bias, INDArray result) {
            Check.argument(tokens < keys.size(0), "there is room for %s tokens, but one more came", keys.size(0));
            Memory memory = context.memory();
            key.infer(input, context, memory.slices(keys, tokens, tokens + 1));
            value.infer(input, context, memory.slices(values, tokens, tokens + 1));
            tokens++;
            attendTo(heads(memory, keys), heads(memory, values), input, context, bias, result);
        }

        private INDArray heads(Memory memory, INDArray cache) {
            INDArray filled = memory.slices(cache, 0, tokens);
            INDArray parted = memory.reshape(filled, tokens, cache.size(1), heads, inner / heads);
            return memory.permute(parted, 1, 2, 0, 3); // [batch, heads, tokens, size]
        }
    }

    /** Keys and values of a source, projected once for all tokens that will attend to it. */
    public final class Projected {
        private final INDArray keys;
        private final INDArray values;

        /**
         * Projects.
         *
         * @param lifetime of the keys and values
         * @param source [batch, source tokens, width], not modified
         */
        public Projected(Arena lifetime, INDArray source, Context context) {
            keys = projected(lifetime, source);
            values = projected(lifetime, source);
            key.infer(source, context, keys);
            value.infer(source, context, values);
        }

        /**
         * Attends to the source.
         *
         * @param input [batch, tokens, width], not modified
         * @param result [batch, tokens, width], overwritten
         */
        public void attend(INDArray input, Context context, Bias bias, INDArray result) {
            Memory memory = context.memory();
            attendTo(split(memory, keys), split(memory, values), input, context, bias, result);
        }
    }

    private void attendTo(INDArray keys, INDArray values, INDArray input, Context context, Bias bias, INDArray result) {
        Memory memory = context.memory();
        Arena scratch = memory.scratch();
        try (Arena.Scope scope = scratch.scope()) {
            INDArray queries = projected(scratch, input);
            INDArray mixed = projected(scratch, input);
            INDArray probabilities = scratch.array(input.size(0), heads, input.size(1), keys.size(2));
            query.infer(input, context, queries);
            mix(memory, split(memory, queries), keys, values, bias, probabilities, mixed);
            output.infer(mixed, context, result);
        }
    }

    private INDArray projected(Arena lifetime, INDArray states) {
        return lifetime.array(states.size(0), states.size(1), inner);
    }

    private INDArray split(Memory memory, INDArray states) {
        return memory.heads(states, states.size(0), states.size(1), heads);
    }

    /** Whether a forward pass keeps the queries' input. */
    boolean keepsQueries() {
        return query.keepsInput();
    }

    /** Whether a forward pass keeps the keys' or the values' input. */
    boolean keepsSource() {
        return key.keepsInput() || value.keepsInput();
    }

    /** The parameters of all projections. */
    public List<Parameter> parameters() {
        return Stream.of(query, key, value, output)
                .flatMap(projection -> projection.parameters().stream())
                .toList();
    }
}
