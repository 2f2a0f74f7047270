package io.github.sherl4j.adapter;

import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.Dropout;
import io.github.sherl4j.layer.LayerFactory;
import io.github.sherl4j.layer.LayerNorm;
import io.github.sherl4j.layer.LayerStep;
import io.github.sherl4j.layer.Linear;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.layer.Step;
import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.Check;
import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.nd.Ops;
import io.github.sherl4j.nd.Rng;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The multi-tiered sensing adapter. From tapped states f_1..f_L [batch, tokens, width], the guide f_L last:
 *
 * <pre>
 * h_i = norm_i(reduce_i(f_i))                         [batch, tokens, reduced width]
 * y   = consolidated(h_1..h_L)                        see {@link AntiRedundancy}
 * out = dropout(norm(expand(relu(y)))) + tanh(gate / temperature) f_L
 * </pre>
 *
 * <p>It owns its parameters until a model makes them trainable.
 */
public final class SherlAdapter implements AutoCloseable {
    private static final long DROPOUT_USE = 1;

    private final AdapterOptions options;
    private final List<Linear> reductions = new ArrayList<>();
    private final List<LayerNorm> reductionNorms = new ArrayList<>();
    private final @Nullable AntiRedundancy consolidation;
    private final Linear expansion;
    private final LayerNorm expansionNorm;
    private final Dropout dropout;
    private final Parameter gate;

    /**
     * A new adapter with the published initialisation: linear layers uniform in +-1/sqrt(inputs), norms the identity, the
     * gate closed.
     *
     * @param taps number of tapped states, the guide included; with the guide alone there is nothing to consolidate
     * @param width length of a tapped state
     * @param seed equal seeds give equal parameters
     */
    public SherlAdapter(AdapterOptions options, int taps, long width, DataType type, long seed) {
        Check.argument(taps >= 1, "taps must be at least 1, the guide, but is %s", taps);
        this.options = options;
        try (Rng rng = new Rng(seed)) {
            LayerFactory make = new LayerFactory(type, rng);
            long reduced = options.width();
            for (int i = 0; i < taps; i++) {
                reductions.add(make.linear("adapter.reduction." + i + ".linear", width, reduced));
                reductionNorms.add(make.norm("adapter.reduction." + i + ".norm", reduced, options.reductionEps()));
            }
            consolidation = taps == 1 ? null : consolidation(make.linear("adapter.attention", reduced, 1));
            expansion = make.linear("adapter.expansion.linear", reduced, width);
            expansionNorm = make.norm("adapter.expansion.norm", width, options.expansionEps());
            gate = Parameter.unregularized("adapter.gate", Nd4j.create(type, 1));
        }
        dropout = new Dropout(options.dropout(), DROPOUT_USE);
    }

    /**
     * What a forward pass keeps: the tapped states where reductions are trainable, what the norms and the consolidation
     * need, and the two sides of the expansion's relu.
     */
    public record Kept(
            SherlAdapter adapter,
            Context context,
            List<INDArray> states,
            List<LayerStep> linears,
            List<LayerStep> norms,
            INDArray reduced,
            AntiRedundancy.@Nullable Kept consolidation,
            INDArray consolidated,
            LayerStep expansion,
            LayerStep expansionNorm,
            LayerStep dropout,
            INDArray openness)
            implements Step {
        /** The layer weights a, [positions, taps - 1]; they add up to 1, or to 0 where no shallow state is used. */
        public INDArray layerWeights() {
            return shallow().weights();
        }

        /** How redundant each shallow state is, [positions, taps - 1]. */
        public INDArray redundancies() {
            return shallow().redundancies();
        }

        private AntiRedundancy.Kept shallow() {
            if (consolidation == null) {
                throw new IllegalStateException("The guide is the only tapped state: there is nothing to consolidate");
            }
            return consolidation;
        }

        /**
         * Adds the gradients of the adapter's parameters.
         *
         * @param gradOutput [batch, tokens, width], overwritten
         */
        public void backward(INDArray gradOutput) {
            adapter.backward(this, gradOutput, null);
        }

        /**
         * Adds the gradients of the adapter's parameters and computes those of the tapped states, which SHERL itself never
         * needs, its early layers being frozen.
         *
         * @param gradOutput [batch, tokens, width], overwritten
         * @param gradStates one array [batch, tokens, width] for each tapped state, overwritten
         */
        public void backward(INDArray gradOutput, List<INDArray> gradStates) {
            adapter.backward(this, gradOutput, gradStates);
        }
    }

    /** Computes and keeps nothing. Arguments as in {@link #forward}. */
    public void infer(List<INDArray> states, Context context, INDArray result) {
        Memory memory = context.memory();
        Ops ops = memory.ops();
        INDArray guide = guide(states);
        long positions = guide.length() / guide.size(-1);
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray reduced = memory.scratch().array(states.size(), positions, options.width());
            for (int i = 0; i < states.size(); i++) {
                INDArray slice = slice(memory, reduced, i);
                reductions.get(i).infer(memory.rows(states.get(i)), context, slice);
                reductionNorms.get(i).infer(slice, context, slice);
            }
            INDArray consolidated = memory.scratch().array(positions, options.width());
            consolidate(memory, reduced, consolidated, memory.scratch());
            ops.relu(consolidated, consolidated);
            expansion.infer(consolidated, context, memory.rows(result));
            expansionNorm.infer(result, context, result);
            INDArray openness = memory.scratch().array(1);
            addGated(memory, guide, openness, result);
        }
    }

    /**
     * Computes and keeps what the backward pass needs, in the step arena.
     *
     * @param states as many as taps, each [batch, tokens, width]; not modified, kept by reference
     * @param result [batch, tokens, width], overwritten
     */
    public Kept forward(List<INDArray> states, Context context, INDArray result) {
        Memory memory = context.memory();
        INDArray guide = guide(states);
        long positions = guide.length() / guide.size(-1);
        Arena step = memory.step();
        INDArray reduced = step.array(states.size(), positions, options.width());
        List<LayerStep> linears = new ArrayList<>();
        List<LayerStep> norms = new ArrayList<>();
        for (int i = 0; i < states.size(); i++) {
            try (Arena.Scope scope = memory.scratch().scope()) {
                INDArray raw = memory.scratch().array(positions, options.width());
                linears.add(reductions.get(i).forward(memory.rows(states.get(i)), context, raw));
                norms.add(reductionNorms.get(i).forward(raw, context, slice(memory, reduced, i)));
            }
        }
        INDArray consolidated = step.array(positions, options.width());
        AntiRedundancy.@Nullable Kept consolidationStep = consolidate(memory, reduced, consolidated, step);
        memory.ops().relu(consolidated, consolidated);
        INDArray openness = step.array(1);
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray expanded = memory.scratch().array(positions, guide.size(-1));
            LayerStep expansionStep = expansion.forward(consolidated, context, expanded);
            LayerStep normStep = expansionNorm.forward(expanded, context, memory.rows(result));
            LayerStep dropoutStep = dropout.forward(result, context, result);
            addGated(memory, guide, openness, result);
            return new Kept(
                    this,
                    context,
                    states,
                    linears,
                    norms,
                    reduced,
                    consolidationStep,
                    consolidated,
                    expansionStep,
                    normStep,
                    dropoutStep,
                    openness);
        }
    }

    private void backward(Kept kept, INDArray gradOutput, @Nullable List<INDArray> gradStates) {
        Memory memory = kept.context.memory();
        Ops ops = memory.ops();
        INDArray guide = guide(kept.states);
        addGateGradient(memory, kept, gradOutput, guide);
        if (gradStates != null) {
            ops.multiply(gradOutput, kept.openness, gradStates.get(gradStates.size() - 1));
        }
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray gradExpanded = memory.rows(kept.expansionNorm.backward(kept.dropout.backward(gradOutput)));
            INDArray gradConsolidated = kept.expansion.backward(gradExpanded);
            ops.reluGradient(kept.consolidated, gradConsolidated, gradConsolidated);
            INDArray gradReduced = memory.scratch().array(kept.reduced.shape());
            if (consolidation == null || kept.consolidation == null) {
                ops.copy(gradConsolidated, slice(memory, gradReduced, 0));
            } else {
                consolidation.backward(kept.consolidation, gradConsolidated, gradReduced);
            }
            for (int i = 0; i < reductions.size(); i++) {
                INDArray gradLinear = kept.norms.get(i).backward(slice(memory, gradReduced, i));
                Linear reduction = reductions.get(i);
                reduction.addGradients(memory, memory.rows(kept.states.get(i)), gradLinear);
                if (gradStates != null) {
                    boolean isGuide = i == reductions.size() - 1;
                    reduction.inputGradient(memory, gradLinear, gradStates.get(i), isGuide ? 1 : 0);
                }
            }
        }
    }

    private AntiRedundancy consolidation(Linear attention) {
        List<Parameter> weightAndBias = attention.parameters();
        return new AntiRedundancy(weightAndBias.get(0), weightAndBias.get(1), options.normEps());
    }

    private AntiRedundancy.@Nullable Kept consolidate(
            Memory memory, INDArray reduced, INDArray result, Arena lifetime) {
        if (consolidation == null) {
            memory.ops().copy(slice(memory, reduced, 0), result);
            return null;
        }
        return consolidation.forward(memory, reduced, result, lifetime);
    }

    /** {@code result += tanh(gate / temperature) guide}. */
    private void addGated(Memory memory, INDArray guide, INDArray openness, INDArray result) {
        Ops ops = memory.ops();
        ops.multiply(gate.value(), 1 / options.gateTemperature(), openness);
        ops.tanh(openness, openness);
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray gated = memory.scratch().array(result.shape());
            ops.multiply(guide, openness, gated);
            ops.add(result, gated, result);
        }
    }

    /** {@code gate.gradient += sum(gradOutput guide) (1 - tanh^2) / temperature}. */
    private void addGateGradient(Memory memory, Kept kept, INDArray gradOutput, INDArray guide) {
        if (!gate.trainable()) {
            return;
        }
        Ops ops = memory.ops();
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray product = memory.scratch().array(guide.shape());
            INDArray sum = memory.scratch().array(1, 1);
            INDArray slope = memory.scratch().array(1);
            ops.multiply(gradOutput, guide, product);
            ops.sumRows(memory.reshape(product, 1, product.length()), sum);
            ops.multiply(kept.openness, kept.openness, slope);
            ops.multiply(slope, -1, slope);
            ops.add(slope, 1, slope);
            ops.multiply(slope, 1 / options.gateTemperature(), slope);
            ops.multiply(slope, memory.reshape(sum, 1), slope);
            ops.add(gate.gradient(), slope, gate.gradient());
        }
    }

    private INDArray guide(List<INDArray> states) {
        Check.argument(
                states.size() == reductions.size(),
                "states must be %s, one per tap, but are %s",
                reductions.size(),
                states.size());
        return states.get(states.size() - 1);
    }

    private static INDArray slice(Memory memory, INDArray states, int index) {
        INDArray part = memory.slices(states, index, index + 1);
        return memory.reshape(part, states.size(1), states.size(2));
    }

    /** The options. */
    public AdapterOptions options() {
        return options;
    }

    /** All parameters. */
    public List<Parameter> parameters() {
        List<Parameter> all = new ArrayList<>();
        for (int i = 0; i < reductions.size(); i++) {
            all.addAll(reductions.get(i).parameters());
            all.addAll(reductionNorms.get(i).parameters());
        }
        if (consolidation != null) {
            all.addAll(consolidation.parameters());
        }
        all.addAll(expansion.parameters());
        all.addAll(expansionNorm.parameters());
        all.add(gate);
        return all;
    }

    /** Frees the parameters that no model has made trainable. */
    @Override
    public void close() {
        parameters().forEach(Parameter::close);
    }
}
