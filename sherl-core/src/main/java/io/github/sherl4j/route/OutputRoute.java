package io.github.sherl4j.route;

import io.github.sherl4j.adapter.AdapterInput;
import io.github.sherl4j.adapter.AdapterOptions;
import io.github.sherl4j.adapter.SherlAdapter;
import io.github.sherl4j.backbone.FeatureBackbone;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.Check;
import io.github.sherl4j.nd.Memory;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * SHERL on the output side only, as the paper lays it over both towers of CLIP for retrieval of videos: the whole network runs in
 * inference, the adapter consolidates the tapped states under the guidance of the network's own feature, and its result,
 * [batch, feature width], is the output. Gradients never enter the network.
 *
 * @param <B> a batch of the network's inputs
 */
public final class OutputRoute<B> implements Route<B> {
    private final FeatureBackbone<B> backbone;
    private final SherlAdapter adapter;
    private final EarlyRoute<B> early;
    private @Nullable StateCache cache;

    /**
     * A route.
     *
     * @param adapter made for as many states as there are taps, and for a guide from outside of the feature's width
     * @param taps indices of the tapped states, ascending; the last one is the network's last state, whose feature is the guide
     */
    public OutputRoute(FeatureBackbone<B> backbone, SherlAdapter adapter, List<Integer> taps) {
        checkTaps(taps, backbone.blocks().size());
        Check.argument(
                adapter.taps() == taps.size(),
                "adapter must be made for %s tapped states, but is made for %s",
                taps.size(),
                adapter.taps());
        Check.argument(
                adapter.options().guideFromOutside(),
                "adapter must take its guide from outside, but takes it from the tapped states");
        this.backbone = backbone;
        this.adapter = adapter;
        this.early = new EarlyRoute<>(backbone, taps);
    }

    /**
     * A route with a new adapter that taps all states, as published.
     *
     * @param backbone shared; stays open and unchanged
     * @param options with a guide from outside, such as {@link AdapterOptions#clipVideo}
     * @param seed equal seeds give equal adapters
     */
    public static <B> OutputRoute<B> of(FeatureBackbone<B> backbone, AdapterOptions options, long seed) {
        Check.argument(
                options.guideFromOutside(),
                "options must take the guide from outside, but take it from the tapped states");
        List<Integer> taps = SherlRoute.allTaps(backbone.blocks().size(), 0);
        List<Long> widths = taps.stream().map(backbone::width).toList();
        SherlAdapter adapter = new SherlAdapter(options, widths, backbone.featureWidth(), backbone.type(), seed);
        return new OutputRoute<>(backbone, adapter, taps);
    }

    /** What a forward pass keeps. */
    public record Kept(SherlAdapter.Kept adapter) implements RouteStep {
        /**
         * Sends a gradient to the adapter, where it ends.
         *
         * @param gradOutput [batch, feature width], overwritten
         */
        @Override
        public void backward(INDArray gradOutput) {
            adapter.backward(gradOutput);
        }
    }

    @Override
    public long[] resultShape(B batch) {
        return new long[] {backbone.stateShape(batch)[0], backbone.featureWidth()};
    }

    /**
     * Computes and keeps nothing.
     *
     * @param result [batch, feature width], overwritten
     */
    @Override
    public void infer(B batch, Context context, INDArray result) {
        Arena scratch = context.memory().scratch();
        try (Arena.Scope scope = scratch.scope()) {
            INDArray feature = scratch.array(resultShape(batch));
            List<INDArray> states = early.blankStates(batch, tap -> scratch);
            early.run(batch, context, states);
            adapter.infer(input(states, context, feature), context, result);
        }
    }

    /**
     * Computes and keeps what the backward pass needs: nothing of the network but the feature and the tapped states that the
     * adapter asks for.
     *
     * @param result [batch, feature width], overwritten
     */
    @Override
    public Kept forward(B batch, Context context, INDArray result) {
        Memory memory = context.memory();
        INDArray feature = memory.step().array(resultShape(batch));
        try (Arena.Scope scope = memory.scratch().scope()) {
            List<INDArray> states =
                    early.blankStates(batch, tap -> adapter.keepsState(tap) ? memory.step() : memory.scratch());
            StateCache.through(cache, batch, states, memory, () -> early.run(batch, context, states));
            return new Kept(adapter.forward(input(states, context, feature), context, result));
        }
    }

    /** The feature is computed from the last state, which a cache has, too. */
    private AdapterInput input(List<INDArray> states, Context context, INDArray feature) {
        backbone.feature(states.get(states.size() - 1), context, feature);
        return AdapterInput.of(states, feature).withMask(context.mask()).withBaseTokens(context.summaryTokens());
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

    private static void checkTaps(List<Integer> taps, int blocks) {
        SherlRoute.checkTaps(taps, 0, blocks);
        int last = taps.get(taps.size() - 1);
        Check.argument(
                last == blocks, "the last tap must be %s, the state that the feature is of, but is %s", blocks, last);
    }
}
