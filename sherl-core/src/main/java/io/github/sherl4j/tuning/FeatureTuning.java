package io.github.sherl4j.tuning;

import io.github.sherl4j.backbone.FeatureBackbone;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.LayerStep;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.route.Route;
import io.github.sherl4j.route.StateCache;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A route that goes on to the network's own feature, [batch, feature width]: frozen, for the network as it is and for heads that
 * learn on it, or trained as a whole.
 *
 * @param <B> a batch of the network's inputs
 */
public final class FeatureTuning<B> implements Route<B> {
    private final FeatureBackbone<B> backbone;
    private final Route<B> toLastState;

    private FeatureTuning(FeatureBackbone<B> backbone, Route<B> toLastState) {
        this.backbone = backbone;
        this.toLastState = toLastState;
    }

    /** The feature of a frozen network; nothing on this route learns. */
    public static <B> FeatureTuning<B> frozen(FeatureBackbone<B> backbone) {
        return new FeatureTuning<>(backbone, new HeadOnly<>(backbone));
    }

    /**
     * Full fine-tuning: every parameter learns, those of the feature too, and ends with the model, as {@link FullTuning} says.
     */
    public static <B> FeatureTuning<B> full(FeatureBackbone<B> backbone) {
        return new FeatureTuning<>(backbone, new FullTuning<>(backbone));
    }

    /** What a forward pass keeps; there is no feature step where nothing learns. */
    private record Kept(
            Context context,
            RouteStep toLastState,
            @Nullable LayerStep feature) implements RouteStep {
        @Override
        public void backward(INDArray gradOutput) {
            if (feature != null) {
                try (Arena.Scope scope = context.memory().scratch().scope()) {
                    toLastState.backward(feature.backward(gradOutput));
                }
            }
        }
    }

    @Override
    public long[] resultShape(B batch) {
        return new long[] {backbone.stateShape(batch)[0], backbone.featureWidth()};
    }

    @Override
    public void infer(B batch, Context context, INDArray result) {
        Arena scratch = context.memory().scratch();
        try (Arena.Scope scope = scratch.scope()) {
            INDArray state = scratch.array(toLastState.resultShape(batch));
            toLastState.infer(batch, context, state);
            backbone.feature(state, context, result);
        }
    }

    @Override
    public RouteStep forward(B batch, Context context, INDArray result) {
        Memory memory = context.memory();
        boolean learns = !trainable().isEmpty();
        try (Arena.Scope scope = memory.scratch().scope()) {
            Arena lifetime = learns ? memory.step() : memory.scratch();
            INDArray state = lifetime.array(toLastState.resultShape(batch));
            RouteStep step = toLastState.forward(batch, context, state);
            if (learns) {
                return new Kept(context, step, backbone.featureForward(state, context, result));
            }
            backbone.feature(state, context, result);
            return new Kept(context, step, null);
        }
    }

    @Override
    public void cacheStates(StateCache states) {
        toLastState.cacheStates(states);
    }

    @Override
    public List<Parameter> trainable() {
        return toLastState.trainable();
    }

    @Override
    public List<Parameter> buffers() {
        return toLastState.buffers();
    }
}
