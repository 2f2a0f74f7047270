package io.github.sherl4j.route;

import io.github.sherl4j.backbone.Backbone;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.Layer;
import io.github.sherl4j.layer.PassingStates;
import io.github.sherl4j.nd.Arena;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The blocks up to the last tapped state, which run in inference and keep nothing.
 *
 * @param taps indices of the tapped states, ascending
 * @param <B> a batch of the network's inputs
 */
record EarlyRoute<B>(Backbone<B> backbone, List<Integer> taps) {
    EarlyRoute {
        taps = List.copyOf(taps);
    }

    /** An array for each tapped state, in the lifetime that a function says for its index among them. */
    List<INDArray> blankStates(B batch, IntFunction<Arena> lifetime) {
        return IntStream.range(0, taps.size())
                .mapToObj(i -> lifetime.apply(i).array(backbone.stateShape(batch, taps.get(i))))
                .toList();
    }

    /**
     * Runs the blocks.
     *
     * @param states one for each tap, overwritten
     */
    void run(B batch, Context context, List<INDArray> states) {
        int end = taps.get(taps.size() - 1);
        List<Layer> blocks = backbone.blocks();
        Map<Integer, long[]> untapped = new HashMap<>();
        for (int i = 0; i <= end; i++) {
            if (!taps.contains(i)) {
                untapped.put(i, backbone.stateShape(batch, i));
            }
        }
        try (Arena.Scope scope = context.memory().scratch().scope()) {
            PassingStates passing = new PassingStates(context.memory(), untapped);
            IntFunction<INDArray> place = i -> untapped.containsKey(i) ? passing.at(i) : states.get(taps.indexOf(i));
            backbone.stem().infer(batch, context, place.apply(0));
            for (int i = 0; i < end; i++) {
                blocks.get(i).infer(place.apply(i), context, place.apply(i + 1));
            }
        }
    }
}
