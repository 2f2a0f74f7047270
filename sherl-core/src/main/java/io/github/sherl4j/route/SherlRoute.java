package io.github.sherl4j.route;

import io.github.sherl4j.adapter.AdapterInput;
import io.github.sherl4j.adapter.SherlAdapter;
import io.github.sherl4j.backbone.Backbone;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.Layer;
import io.github.sherl4j.layer.LayerStep;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.layer.PassingStates;
import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.Check;
import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.nd.Rng;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * SHERL's two routes through a frozen network (section 3.1 of the paper). The early route runs the first blocks in inference
 * and consolidates the tapped states by the adapter; the late route sends the result through the last blocks, which stay
 * frozen, but let gradients through.
 *
 * @param <B> a batch of the network's inputs
 */
public final class SherlRoute<B> implements Route<B> {
    private static final long ADAPTER_USE = 3;

    private final Backbone<B> backbone;
    private final SherlAdapter adapter;
    private final EarlyRoute<B> early;
    private final List<Layer> late;
    private @Nullable StateCache cache;

    /**
     * A route.
     *
     * @param adapter made for as many states as there are taps
     * @param taps indices of the tapped states, ascending; the last one is the guide, and the early route ends there
     * @param lateLayers number of late blocks, from 0 to all
     */
    public SherlRoute(Backbone<B> backbone, SherlAdapter adapter, List<Integer> taps, int lateLayers) {
        checkTaps(taps, lateLayers, backbone.blocks().size());
        Check.argument(
                adapter.taps() == taps.size(),
                "adapter must be made for %s tapped states, but is made for %s",
                taps.size(),
                adapter.taps());
        Check.argument(
                !adapter.options().guideFromOutside(),
                "adapter must take its guide from the tapped states, but takes it from outside");
        this.backbone = backbone;
        this.adapter = adapter;
        this.early = new EarlyRoute<>(backbone, taps);
        this.late = backbone.blocks()
                .subList(
                        backbone.blocks().size() - lateLayers, backbone.blocks().size());
    }

    /**
     * A route with a new adapter.
     *
     * @param backbone shared; stays open and unchanged
     */
    public static <B> SherlRoute<B> of(Backbone<B> backbone, SherlConfig config) {
        int blocks = backbone.blocks().size();
        List<Integer> taps = config.tapsOf(blocks);
        checkTaps(taps, config.lateLayers(), blocks);
        long guideWidth = backbone.width(taps.get(taps.size() - 1));
        SherlAdapter adapter = new SherlAdapter(
                config.adapterOptions(guideWidth),
                taps.stream().map(backbone::width).toList(),
                guideWidth,
                backbone.type(),
                Rng.derive(config.seed(), ADAPTER_USE));
        return new SherlRoute<>(backbone, adapter, taps, config.lateLayers());
    }

    /** All states that the early route has: 0 to the number of blocks before the late ones. */
    public static List<Integer> allTaps(int blocks, int lateLayers) {
        checkLate(lateLayers, blocks);
        return IntStream.rangeClosed(0, blocks - lateLayers).boxed().toList();
    }

    /** What a forward pass keeps. */
    public record Kept(Context context, SherlAdapter.Kept adapter, List<LayerStep> late) implements RouteStep {
        /**
         * Sends a gradient back through the late blocks to the adapter, where it ends.
         *
         * @param gradOutput gradient of the route's result, overwritten
         */
        @Override
        public void backward(INDArray gradOutput) {
            INDArray gradient = gradOutput;
            for (int i = late.size() - 1; i >= 0; i--) {
                gradient = late.get(i).backward(gradient);
            }
            adapter.backward(gradient);
        }
    }

    /**
     * Computes and keeps what the backward pass needs: nothing of the early blocks but the tapped states.
     *
     * @param result the last state, overwritten
     */
    @Override
    public Kept forward(B batch, Context context, INDArray result) {
        Arena step = context.memory().step();
        int cut = backbone.blocks().size() - late.size();
        INDArray state = late.isEmpty() ? result : step.array(backbone.stateShape(batch, cut));
        SherlAdapter.Kept adapted = adapt(batch, context, state);
        List<LayerStep> steps = new ArrayList<>();
        for (int i = 0; i < late.size(); i++) {
            INDArray next =
                    i == late.size() - 1 ? result : step.array(late.get(i).outputShape(state.shape()));
            steps.add(late.get(i).forward(state, context, next));
            state = next;
        }
        return new Kept(context, adapted, steps);
    }

    /** Early blocks and adapter. Tapped states that the backward pass does not need end here. */
    private SherlAdapter.Kept adapt(B batch, Context context, INDArray result) {
        Memory memory = context.memory();
        try (Arena.Scope scope = memory.scratch().scope()) {
            List<INDArray> states =
                    early.blankStates(batch, tap -> adapter.keepsState(tap) ? memory.step() : memory.scratch());
            StateCache.through(cache, batch, states, memory, () -> early.run(batch, context, states));
            return adapter.forward(AdapterInput.of(states), context, result);
        }
    }

    /**
     * Computes and keeps nothing.
     *
     * @param result the last state, overwritten
     */
    @Override
    public void infer(B batch, Context context, INDArray result) {
        Arena scratch = context.memory().scratch();
        try (Arena.Scope scope = scratch.scope()) {
            List<INDArray> states = early.blankStates(batch, tap -> scratch);
            early.run(batch, context, states);
            int end = backbone.blocks().size();
            int cut = end - late.size();
            PassingStates passing =
                    PassingStates.between(context.memory(), cut, end, i -> backbone.stateShape(batch, i));
            IntFunction<INDArray> place = i -> i == end ? result : passing.at(i);
            adapter.infer(AdapterInput.of(states), context, place.apply(cut));
            for (int i = cut; i < end; i++) {
                late.get(i - cut).infer(place.apply(i), context, place.apply(i + 1));
            }
        }
    }

    @Override
    public long[] resultShape(B batch) {
        return backbone.stateShape(batch, backbone.blocks().size());
    }

    @Override
    public void cacheStates(StateCache states) {
        this.cache = states;
    }

    @Override
    public List<Parameter> trainable() {
        return adapter.parameters();
    }

    @Override
    public List<Parameter> buffers() {
        return adapter.buffers();
    }

    static void checkTaps(List<Integer> taps, int lateLayers, int blocks) {
        checkLate(lateLayers, blocks);
        int last = blocks - lateLayers;
        Check.argument(!taps.isEmpty(), "taps must be at least one state, the guide, but are none");
        for (int i = 0; i < taps.size(); i++) {
            Check.argument(
                    taps.get(i) >= 0 && taps.get(i) <= last,
                    "taps must be indices of states from 0 to %s with %s late layers of %s, but one is %s",
                    last,
                    lateLayers,
                    blocks,
                    taps.get(i));
            Check.argument(i == 0 || taps.get(i - 1) < taps.get(i), "taps must ascend, but are %s", taps);
        }
    }

    private static void checkLate(int lateLayers, int blocks) {
        Check.argument(
                lateLayers >= 0 && lateLayers <= blocks,
                "lateLayers must be from 0 to the network's %s layers, but is %s",
                blocks,
                lateLayers);
    }
}
