package io.github.sherl4j.adapter;

import io.github.sherl4j.layer.BatchNorm;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.layer.Step;
import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.Check;
import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.nd.Ops;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The multi-tiered sensing adapter. From tapped states f_1..f_L, the guide f_L last or from outside:
 *
 * <pre>
 * h_i = reduce_i(f_i)                                 see {@link AdapterOptions.Reduction}
 * y   = sum_i a_i h_i + h_L                           the weights a are {@link AntiRedundancy}'s
 * out = expand(y) + skip(f_L)                         see {@link AdapterOptions.Expansion} and {@link AdapterOptions.Skip}
 * </pre>
 *
 * <p>{@link AdapterOptions} chooses the parts; its presets are the published variants. The adapter owns its parameters until
 * a model makes them trainable, and its buffers always.
 */
public final class SherlAdapter implements AutoCloseable {
    private final AdapterOptions options;
    private final List<Long> stateWidths;
    private final long resultWidth;
    private final AdapterParts parts;

    /**
     * A new adapter for states of one width, the guide among them.
     *
     * @param taps number of tapped states, the guide included; with the guide alone there is nothing to consolidate
     * @param width length of a tapped state
     * @param seed equal seeds give equal parameters
     */
    public SherlAdapter(AdapterOptions options, int taps, long width, DataType type, long seed) {
        this(options, Collections.nCopies(Math.max(0, taps), width), width, type, seed);
    }

    /**
     * A new adapter with the initialisation of its options; norms are the identity, the gate is closed, layer gates start at
     * 1.
     *
     * @param stateWidths width of each tapped state
     * @param resultWidth width of the guide, which is that of the result: of the last state, or of the feature if the guide
     *     comes from outside
     * @param seed equal seeds give equal parameters
     */
    public SherlAdapter(AdapterOptions options, List<Long> stateWidths, long resultWidth, DataType type, long seed) {
        int taps = stateWidths.size();
        Check.argument(taps >= 1, "taps must be at least 1, the guide, but is %s", taps);
        Check.argument(
                options.guideFromOutside() || stateWidths.get(taps - 1) == resultWidth,
                "resultWidth must be %s, that of the guide, but is %s",
                stateWidths.get(taps - 1),
                resultWidth);
        this.options = options;
        this.stateWidths = List.copyOf(stateWidths);
        this.resultWidth = resultWidth;
        this.parts = AdapterParts.make(options, this.stateWidths, resultWidth, type, seed);
    }

    /**
     * What a forward pass keeps.
     *
     * @param states those tapped states that {@link #keepsState} names, in order
     * @param guide the feature; null if the guide is a tapped state
     * @param reductions what each reduction keeps
     * @param reduced [taps, positions, reduced width], one more if the guide comes from outside
     */
    public record Kept(
            SherlAdapter adapter,
            Context context,
            List<INDArray> states,
            @Nullable INDArray guide,
            List<Reduction.Kept> reductions,
            INDArray reduced,
            Consolidation.@Nullable Kept consolidation,
            Expansion.Kept expansion,
            GuideSkip.Kept skip)
            implements Step {
        /** The layer weights a, [positions, shallow states]; they add up to 1, or to 0 where no shallow state is used. */
        public INDArray layerWeights() {
            return shallow().weights();
        }

        /** How redundant each shallow state is, [positions, shallow states]. */
        public INDArray redundancies() {
            return shallow().redundancies();
        }

        private AntiRedundancy.Kept shallow() {
            if (consolidation == null) {
                throw new IllegalStateException("The guide is the only tapped state: there is nothing to consolidate");
            }
            return consolidation.shallow();
        }

        /**
         * Adds the gradients of the adapter's parameters.
         *
         * @param gradOutput in the result's shape, overwritten
         */
        public void backward(INDArray gradOutput) {
            adapter.backward(this, gradOutput, null);
        }

        /**
         * Adds the gradients of the adapter's parameters and computes those of its input, which SHERL itself never needs,
         * its early layers being frozen.
         *
         * @param gradOutput in the result's shape, overwritten
         * @param input that of the forward pass, not modified since
         * @param gradInput overwritten
         */
        public void backward(INDArray gradOutput, AdapterInput input, AdapterGradients gradInput) {
            adapter.backward(this, gradOutput, new Wanted(input, gradInput));
        }
    }

    /** Computes and keeps nothing; batch norms take their running statistics. Arguments as in {@link #forward}. */
    public void infer(AdapterInput input, Context context, INDArray result) {
        check(input, result);
        Memory memory = context.memory();
        Arena scratch = memory.scratch();
        try (Arena.Scope scope = scratch.scope()) {
            Tapped tapped = tapped(input, memory, scratch);
            INDArray reduced = reducedStates(input, tapped, context, scratch);
            for (Reduction reduction : parts.reductions()) {
                reduction.infer(tapped, context, reduced);
            }
            INDArray consolidated = scratch.array(tapped.positions(), options.width());
            if (parts.consolidation() == null) {
                memory.ops().copy(Reduction.slice(memory, reduced, 0), consolidated);
            } else {
                parts.consolidation().infer(reduced, context, consolidated);
            }
            parts.expansion().infer(consolidated, context, result);
            parts.skip().infer(memory, input.anchor(), result);
        }
    }

    /**
     * Computes and keeps what the backward pass needs, in the step arena. Batch norms take the statistics of the batch and
     * move their running ones, unless {@link #statistics} says otherwise.
     *
     * @param input not modified; kept by reference, except for states that {@link #keepsState} does not name
     * @param result in the shape of the guide, as it was before its reduction; overwritten
     */
    public Kept forward(AdapterInput input, Context context, INDArray result) {
        check(input, result);
        Memory memory = context.memory();
        Arena step = memory.step();
        Tapped tapped = tapped(input, memory, step);
        INDArray reduced = reducedStates(input, tapped, context, step);
        List<Reduction.Kept> reductions = new ArrayList<>();
        for (Reduction reduction : parts.reductions()) {
            reductions.add(reduction.forward(tapped, context, reduced));
        }
        INDArray consolidated = step.array(tapped.positions(), options.width());
        Consolidation.Kept consolidation = null;
        if (parts.consolidation() == null) {
            memory.ops().copy(Reduction.slice(memory, reduced, 0), consolidated);
        } else {
            consolidation = parts.consolidation().forward(reduced, context, consolidated);
        }
        Expansion.Kept expansion = parts.expansion().forward(consolidated, context, result);
        GuideSkip.Kept skip = parts.skip().forward(memory, input.anchor(), result);
        List<INDArray> states = IntStream.range(0, stateWidths.size())
                .filter(this::keepsState)
                .mapToObj(input.states()::get)
                .toList();
        return new Kept(this, context, states, input.feature(), reductions, reduced, consolidation, expansion, skip);
    }

    /** An input whose gradients are asked for, and where they go. */
    private record Wanted(AdapterInput input, AdapterGradients gradients) {
        Wanted {
            Check.argument(
                    (input.feature() == null) == (gradients.feature() == null)
                            && input.states().size() == gradients.states().size(),
                    "gradInput must have an array for each of the input's");
        }

        Reduction.StateGradient state(int index) {
            return new Reduction.StateGradient(
                    input.states().get(index), gradients.states().get(index));
        }
    }

    private void backward(Kept kept, INDArray gradOutput, @Nullable Wanted wanted) {
        Memory memory = kept.context.memory();
        Ops ops = memory.ops();
        if (wanted != null) {
            wanted.gradients.states().forEach(ops::zero);
        }
        kept.skip.backward(gradOutput, wanted == null ? null : wanted.gradients.anchor());
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray gradConsolidated = kept.expansion.backward(gradOutput);
            INDArray gradReduced = memory.scratch().array(kept.reduced.shape());
            if (kept.consolidation == null) {
                ops.copy(gradConsolidated, Reduction.slice(memory, gradReduced, 0));
            } else {
                kept.consolidation.backward(gradConsolidated, gradReduced);
            }
            for (int i = 0; i < kept.reductions.size(); i++) {
                kept.reductions.get(i).backward(kept.reduced, gradReduced, wanted == null ? null : wanted.state(i));
            }
            if (parts.guideReduction() != null && kept.guide != null) {
                INDArray gradGuide = Reduction.slice(memory, gradReduced, gradReduced.size(0) - 1);
                INDArray gradFeature = wanted == null ? null : wanted.gradients.feature();
                parts.guideReduction().addGradients(memory, kept.guide, gradGuide, gradFeature);
            }
        }
    }

    /** An array for all reduced states, with that of a guide from outside filled. */
    private INDArray reducedStates(AdapterInput input, Tapped tapped, Context context, Arena lifetime) {
        int taps = stateWidths.size();
        if (parts.guideReduction() == null || input.feature() == null) {
            return lifetime.array(taps, tapped.positions(), options.width());
        }
        INDArray reduced = lifetime.array(taps + 1, tapped.positions(), options.width());
        parts.guideReduction().compute(input.feature(), context, Reduction.slice(context.memory(), reduced, taps));
        return reduced;
    }

    private Tapped tapped(AdapterInput input, Memory memory, Arena lifetime) {
        Ops ops = memory.ops();
        INDArray first = input.states().get(0);
        if (!options.guideFromOutside()) {
            return new Tapped(input.states(), input.anchor().length() / resultWidth, null, null, null);
        }
        long batch = first.size(0);
        long tokens = first.size(1);
        INDArray base = lifetime.array(batch, tokens);
        if (input.baseTokens() != null) {
            ops.gather(ops.identity(tokens), input.baseTokens(), base);
        } else {
            ops.zero(base);
            INDArray firstTokens = memory.firstToken(memory.reshape(base, batch, tokens, 1)); // [batch, 1]
            ops.add(firstTokens, 1, firstTokens);
        }
        INDArray openness = null;
        if (parts.layerGates() != null) {
            openness = lifetime.array(stateWidths.size());
            ops.multiply(parts.layerGates().value(), 1 / options.gateTemperature(), openness);
            ops.sigmoid(openness, openness);
        }
        return new Tapped(input.states(), batch, input.mask(), base, openness);
    }

    private void check(AdapterInput input, INDArray result) {
        InputChecks.check(options, stateWidths, resultWidth, input);
        Check.shape("result", result, input.anchor().shape());
    }

    /** The options. */
    public AdapterOptions options() {
        return options;
    }

    /** Width of each tapped state. */
    public List<Long> stateWidths() {
        return stateWidths;
    }

    /** Number of tapped states. */
    public int taps() {
        return stateWidths.size();
    }

    /**
     * Whether a tapped state has to live as long as the step; otherwise it may end with the forward pass.
     *
     * @param index of the state among the tapped ones
     */
    public boolean keepsState(int index) {
        boolean isGuide = index == stateWidths.size() - 1 && !options.guideFromOutside();
        return isGuide || parts.reductions().get(index).keepsState();
    }

    /** Sets which statistics the batch norms of forward passes take from now on; without batch norms nothing changes. */
    public void statistics(BatchNorm.Statistics statistics) {
        parts.norms().forEach(norm -> norm.statistics(statistics));
    }

    /** All parameters. */
    public List<Parameter> parameters() {
        return parts.parameters();
    }

    /** Running statistics: in files, but never trained. */
    public List<Parameter> buffers() {
        return parts.buffers();
    }

    /** Frees the parameters that no model has made trainable, and the buffers. */
    @Override
    public void close() {
        parameters().forEach(Parameter::close);
        buffers().forEach(Parameter::close);
    }
}
