package io.github.sherl4j.route;

import io.github.sherl4j.adapter.SherlAdapter;
import io.github.sherl4j.backbone.Backbone;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.Layer;
import io.github.sherl4j.layer.LayerStep;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.Check;
import io.github.sherl4j.nd.Memory;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * SHERL's two routes through a frozen network (section 3.1 of the paper). The early route runs the first blocks in inference
 * and consolidates the tapped states by the adapter; the late route sends the result through the last blocks, which stay
 * frozen, but let gradients through.
 *
 * @param <B> a batch of the network's inputs
 */
public final class SherlRoute<B> implements Route<B> {
    private final Backbone<B> backbone;
    private final SherlAdapter adapter;
    private final List<Integer> taps;
    private final List<Layer> early;
    private final List<Layer> late;

    /**
     * A route.
     *
     * @param adapter made for as many states as there are taps
     * @param taps indices of the tapped states, ascending; the last one is the guide, and the early route ends there
     * @param lateLayers number of late blocks, from 0 to all
     */
    public SherlRoute(Backbone<B> backbone, SherlAdapter adapter, List<Integer> taps, int lateLayers) {
        checkTaps(taps, lateLayers, backbone.blocks().size());
        this.backbone = backbone;
        this.adapter = adapter;
        this.taps = List.copyOf(taps);
        this.early = backbone.blocks().subList(0, taps.get(taps.size() - 1));
        this.late = backbone.blocks()
                .subList(
                        backbone.blocks().size() - lateLayers, backbone.blocks().size());
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
        List<INDArray> states = tapped(batch, context, step);
        INDArray state = late.isEmpty() ? result : step.array(result.shape());
        SherlAdapter.Kept adapted = adapter.forward(states, context, state);
        List<LayerStep> steps = new ArrayList<>();
        for (int i = 0; i < late.size(); i++) {
            INDArray next = i == late.size() - 1 ? result : step.array(result.shape());
            steps.add(late.get(i).forward(state, context, next));
            state = next;
        }
        return new Kept(context, adapted, steps);
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
            List<INDArray> states = tapped(batch, context, scratch);
            INDArray state = scratch.array(result.shape());
            INDArray other = scratch.array(result.shape());
            adapter.infer(states, context, late.isEmpty() ? result : state);
            for (int i = 0; i < late.size(); i++) {
                INDArray next = i == late.size() - 1 ? result : other;
                late.get(i).infer(state, context, next);
                other = state;
                state = next;
            }
        }
    }

    @Override
    public List<Parameter> trainable() {
        return adapter.parameters();
    }

    /** The tapped states. The early blocks keep nothing; states in between alternate between two arrays. */
    private List<INDArray> tapped(B batch, Context context, Arena lifetime) {
        Memory memory = context.memory();
        long[] shape = backbone.stateShape(batch);
        List<INDArray> states = new ArrayList<>();
        for (int i = 0; i < taps.size(); i++) {
            states.add(lifetime.array(shape));
        }
        try (Arena.Scope scope = memory.scratch().scope()) {
            boolean allTapped = taps.size() == early.size() + 1;
            INDArray[] passing = allTapped
                    ? new INDArray[0]
                    : new INDArray[] {
                        memory.scratch().array(shape), memory.scratch().array(shape)
                    };
            INDArray state = place(0, states, passing);
            backbone.stem().infer(batch, context, state);
            for (int i = 0; i < early.size(); i++) {
                INDArray next = place(i + 1, states, passing);
                early.get(i).infer(state, context, next);
                state = next;
            }
        }
        return states;
    }

    private INDArray place(int index, List<INDArray> states, INDArray[] passing) {
        int tap = taps.indexOf(index);
        return tap >= 0 ? states.get(tap) : passing[index % 2];
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
