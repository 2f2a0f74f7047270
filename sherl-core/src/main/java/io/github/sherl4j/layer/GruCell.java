package io.github.sherl4j.layer;

import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.Check;
import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.nd.Ops;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * One direction of a {@link Gru}. Everything inside is [tokens, features, sequences]: a token's gates are then whole blocks
 * of memory one after another, so that each step is one product and a few operations on such blocks.
 */
final class GruCell {
    private final Parameter inputWeight;
    private final Parameter stateWeight;
    private final Parameter inputBias;
    private final Parameter stateBias;
    private final boolean reverse;

    /**
     * @param inputWeight [3 * hidden, in], for the gates reset, update, new
     * @param stateWeight [3 * hidden, hidden]
     * @param inputBias [3 * hidden]
     * @param stateBias [3 * hidden]
     * @param reverse whether the last token comes first
     */
    GruCell(Parameter inputWeight, Parameter stateWeight, Parameter inputBias, Parameter stateBias, boolean reverse) {
        Check.shape(stateWeight.name(), stateWeight.value(), Check.ANY, Check.ANY);
        long hidden = stateWeight.value().size(1);
        Check.shape(stateWeight.name(), stateWeight.value(), 3 * hidden, hidden);
        Check.shape(inputWeight.name(), inputWeight.value(), 3 * hidden, Check.ANY);
        Check.shape(inputBias.name(), inputBias.value(), 3 * hidden);
        Check.shape(stateBias.name(), stateBias.value(), 3 * hidden);
        this.inputWeight = inputWeight;
        this.stateWeight = stateWeight;
        this.inputBias = inputBias;
        this.stateBias = stateBias;
        this.reverse = reverse;
    }

    long inputs() {
        return inputWeight.value().size(1);
    }

    long hidden() {
        return stateWeight.value().size(1);
    }

    boolean keepsInput() {
        return inputWeight.trainable();
    }

    List<Parameter> parameters() {
        return List.of(inputWeight, stateWeight, inputBias, stateBias);
    }

    /**
     * What the backward pass needs.
     *
     * @param gates [tokens, 3 * hidden, sequences]: reset, update and new, after their activations
     * @param proposals [tokens, hidden, sequences], what the reset gate is multiplied with
     * @param states [tokens + 1, hidden, sequences], a state of zeros first, or last in reverse
     */
    record Kept(INDArray gates, INDArray proposals, INDArray states) implements Step {}

    private static Kept arrays(Arena lifetime, long tokens, long hidden, long sequences) {
        return new Kept(
                lifetime.array(tokens, 3 * hidden, sequences),
                lifetime.array(tokens, hidden, sequences),
                lifetime.array(tokens + 1, hidden, sequences));
    }

    /** The place of a token's state, and of the state that it comes from, among the states. */
    private long own(long token) {
        return reverse ? token : token + 1;
    }

    private long before(long token) {
        return reverse ? token + 1 : token;
    }

    /**
     * Computes all states.
     *
     * @param input [sequences, tokens, in], not modified
     * @param mask [tokens, 1, sequences], or null if there is no padding
     * @param lifetime where what is kept comes from
     */
    Kept forward(Memory memory, INDArray input, @Nullable INDArray mask, Arena lifetime) {
        Ops ops = memory.ops();
        long sequences = input.size(0);
        long tokens = input.size(1);
        long hidden = hidden();
        Kept kept = arrays(lifetime, tokens, hidden, sequences);
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray fromState = memory.scratch().array(3 * hidden, sequences);
            INDArray byToken = memory.swapFirstTwo(input); // [tokens, sequences, in]
            INDArray weight = memory.reshape(inputWeight.value(), 1, 3 * hidden, inputs());
            ops.zero(memory.slices(kept.states, before(first(tokens)), before(first(tokens)) + 1));
            for (long t = 0; t < tokens; t++) {
                INDArray gates = memory.slices(kept.gates, t, t + 1); // [1, 3 * hidden, sequences]
                ops.product(weight, memory.slices(byToken, t, t + 1), gates, false, true, 1, 0);
            }
            ops.add(kept.gates, memory.reshape(inputBias.value(), 1, 3 * hidden, 1), kept.gates);
            for (long i = 0; i < tokens; i++) {
                step(memory, kept, reverse ? tokens - 1 - i : i, mask, fromState);
            }
        }
        return kept;
    }

    private long first(long tokens) {
        return reverse ? tokens - 1 : 0;
    }

    private void step(Memory memory, Kept kept, long token, @Nullable INDArray mask, INDArray fromState) {
        Ops ops = memory.ops();
        long hidden = hidden();
        INDArray gates = part(memory, kept.gates, token); // [3 * hidden, sequences]
        INDArray proposal = part(memory, kept.proposals, token);
        INDArray last = part(memory, kept.states, before(token));
        INDArray state = part(memory, kept.states, own(token));
        ops.product(stateWeight.value(), last, fromState);
        ops.add(fromState, memory.reshape(stateBias.value(), 3 * hidden, 1), fromState);
        INDArray resetAndUpdate = memory.slices(gates, 0, 2 * hidden);
        ops.add(resetAndUpdate, memory.slices(fromState, 0, 2 * hidden), resetAndUpdate);
        ops.sigmoid(resetAndUpdate, resetAndUpdate);
        ops.copy(memory.slices(fromState, 2 * hidden, 3 * hidden), proposal);

        INDArray update = memory.slices(gates, hidden, 2 * hidden);
        INDArray fresh = memory.slices(gates, 2 * hidden, 3 * hidden);
        ops.multiply(memory.slices(gates, 0, hidden), proposal, state);
        ops.add(fresh, state, fresh);
        ops.tanh(fresh, fresh);

        ops.subtract(last, fresh, state);
        ops.multiply(state, update, state);
        ops.add(state, fresh, state); // (1 - update) fresh + update last
        if (mask != null) {
            ops.multiply(state, part(memory, mask, token), state);
        }
    }

    /**
     * Adds the gradients of trainable parameters and, if asked, of the input.
     *
     * @param input [sequences, tokens, in] of the forward pass; may be null if the input's weight is frozen
     * @param gradStates [tokens, hidden, sequences], gradient of each token's state, overwritten
     * @param gradInput [sequences, tokens, in], added to; null if nobody wants it
     */
    void backward(
            Memory memory,
            Kept kept,
            @Nullable INDArray input,
            @Nullable INDArray mask,
            INDArray gradStates,
            @Nullable INDArray gradInput) {
        Ops ops = memory.ops();
        long tokens = kept.gates.size(0);
        try (Arena.Scope scope = memory.scratch().scope()) {
            // For a token's gates reset, update, new: from the input, and from the state, where the reset gate is in
            // between.
            INDArray fromInput = memory.scratch().array(kept.gates.shape());
            INDArray fromState = memory.scratch().array(kept.gates.shape());
            INDArray carried = memory.scratch().array(gradStates.size(1), gradStates.size(2));
            ops.zero(carried);
            for (long i = 0; i < tokens; i++) {
                long token = reverse ? i : tokens - 1 - i;
                INDArray gradient = part(memory, gradStates, token);
                ops.add(gradient, carried, gradient);
                if (mask != null) {
                    ops.multiply(gradient, part(memory, mask, token), gradient);
                }
                stepBackward(memory, kept, token, gradient, fromInput, fromState, carried);
            }
            addGradients(memory, kept, input, fromInput, fromState);
            if (gradInput != null) {
                addInputGradient(memory, fromInput, gradInput);
            }
        }
    }

    /** From a state's gradient to those of its gates and, in {@code carried}, of the state before. */
    private void stepBackward(
            Memory memory,
            Kept kept,
            long token,
            INDArray gradient,
            INDArray fromInput,
            INDArray fromState,
            INDArray carried) {
        Ops ops = memory.ops();
        long hidden = hidden();
        INDArray gates = part(memory, kept.gates, token);
        INDArray gradGates = part(memory, fromInput, token);
        INDArray gradFromState = part(memory, fromState, token);
        INDArray reset = memory.slices(gates, 0, hidden);
        INDArray update = memory.slices(gates, hidden, 2 * hidden);
        INDArray fresh = memory.slices(gates, 2 * hidden, 3 * hidden);
        INDArray gradReset = memory.slices(gradGates, 0, hidden);
        INDArray gradUpdate = memory.slices(gradGates, hidden, 2 * hidden);
        INDArray gradFresh = memory.slices(gradGates, 2 * hidden, 3 * hidden);

        ops.multiply(gradient, update, carried);
        ops.subtract(gradient, carried, gradFresh); // times 1 - update
        ops.subtract(part(memory, kept.states, before(token)), fresh, gradUpdate);
        ops.multiply(gradUpdate, gradient, gradUpdate);

        INDArray slope = gradient;
        ops.multiply(fresh, fresh, slope);
        ops.multiply(slope, gradFresh, slope);
        ops.subtract(gradFresh, slope, gradFresh);
        ops.multiply(gradFresh, part(memory, kept.proposals, token), gradReset);

        INDArray both = memory.slices(gradGates, 0, 2 * hidden);
        INDArray sigmoids = memory.slices(gates, 0, 2 * hidden);
        INDArray bothFromState = memory.slices(gradFromState, 0, 2 * hidden);
        ops.multiply(both, sigmoids, both);
        ops.multiply(both, sigmoids, bothFromState);
        ops.subtract(both, bothFromState, both); // g s - g s s = g s (1 - s)
        ops.copy(both, bothFromState);
        ops.multiply(gradFresh, reset, memory.slices(gradFromState, 2 * hidden, 3 * hidden));
        ops.product(stateWeight.value(), gradFromState, carried, true, false, 1, 1);
    }

    private void addGradients(
            Memory memory, Kept kept, @Nullable INDArray input, INDArray fromInput, INDArray fromState) {
        Ops ops = memory.ops();
        long tokens = kept.gates.size(0);
        addBias(memory, inputBias, fromInput);
        addBias(memory, stateBias, fromState);
        if (stateWeight.trainable()) {
            for (long t = 0; t < tokens; t++) {
                INDArray last = part(memory, kept.states, before(t));
                ops.product(part(memory, fromState, t), last, stateWeight.gradient(), false, true, 1, 1);
            }
        }
        if (inputWeight.trainable() && input != null) {
            INDArray byToken = memory.swapFirstTwo(input);
            INDArray gradient = memory.reshape(
                    inputWeight.gradient(), 1, inputWeight.value().size(0), inputs());
            for (long t = 0; t < tokens; t++) {
                INDArray gates = memory.slices(fromInput, t, t + 1);
                ops.product(gates, memory.slices(byToken, t, t + 1), gradient, false, false, 1, 1);
            }
        }
    }

    /** Sums over tokens and sequences. */
    private static void addBias(Memory memory, Parameter bias, INDArray gradient) {
        if (bias.trainable()) {
            Ops ops = memory.ops();
            try (Arena.Scope scope = memory.scratch().scope()) {
                INDArray sums = memory.scratch().array(gradient.size(0), gradient.size(1));
                ops.sumRows(memory.rows(gradient), memory.reshape(sums, sums.length(), 1));
                ops.sumColumns(
                        sums, memory.reshape(bias.gradient(), bias.gradient().length(), 1), 1);
            }
        }
    }

    private void addInputGradient(Memory memory, INDArray fromInput, INDArray gradInput) {
        INDArray byToken = memory.swapFirstTwo(gradInput);
        INDArray weight =
                memory.reshape(inputWeight.value(), 1, inputWeight.value().size(0), inputs());
        for (long t = 0; t < fromInput.size(0); t++) {
            INDArray gates = memory.slices(fromInput, t, t + 1);
            memory.ops().product(gates, weight, memory.slices(byToken, t, t + 1), true, false, 1, 1);
        }
    }

    /** [parts, rows, columns] at one part: [rows, columns]. */
    private static INDArray part(Memory memory, INDArray array, long index) {
        return memory.reshape(memory.slices(array, index, index + 1), array.size(1), array.size(2));
    }

    /** The states of all tokens as [1, sequences, tokens, hidden]. */
    INDArray bySequence(Memory memory, Kept kept) {
        long tokens = kept.gates.size(0);
        long start = own(0);
        INDArray states = memory.slices(kept.states, start, start + tokens);
        return memory.permute(memory.reshape(states, 1, tokens, hidden(), states.size(2)), 0, 3, 1, 2);
    }
}
