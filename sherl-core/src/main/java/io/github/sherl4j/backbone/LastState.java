package io.github.sherl4j.backbone;

import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.PassingStates;
import io.github.sherl4j.nd.Arena;
import java.util.function.IntFunction;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A whole network in inference. */
public final class LastState {
    private LastState() {}

    /**
     * Computes the last state and keeps nothing.
     *
     * @param context of the batch
     * @param result {@link Backbone#stateShape(Object, int)} of the last state, overwritten
     */
    public static <B> void infer(Backbone<B> network, B batch, Context context, INDArray result) {
        int end = network.blocks().size();
        try (Arena.Scope scope = context.memory().scratch().scope()) {
            PassingStates passing = PassingStates.between(context.memory(), 0, end, i -> network.stateShape(batch, i));
            IntFunction<INDArray> place = i -> i == end ? result : passing.at(i);
            network.stem().infer(batch, context, place.apply(0));
            for (int i = 0; i < end; i++) {
                network.blocks().get(i).infer(place.apply(i), context, place.apply(i + 1));
            }
        }
    }
}
