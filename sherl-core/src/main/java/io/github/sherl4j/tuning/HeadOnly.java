package io.github.sherl4j.tuning;

import io.github.sherl4j.backbone.Backbone;
import io.github.sherl4j.backbone.ImageBackbone;
import io.github.sherl4j.backbone.TextBackbone;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.Layer;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.layer.PassingStates;
import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.route.ClassifierOptions;
import io.github.sherl4j.route.ImageClassifier;
import io.github.sherl4j.route.ImageClassifierOptions;
import io.github.sherl4j.route.Route;
import io.github.sherl4j.route.StateCache;
import io.github.sherl4j.route.TextClassifier;
import java.util.List;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Training of the head alone (linear probing): the whole network runs in inference and keeps nothing.
 *
 * @param <B> a batch of the network's inputs
 */
public final class HeadOnly<B> implements Route<B> {
    private final Backbone<B> backbone;
    private @Nullable StateCache cache;

    /** A route through a frozen network. */
    public HeadOnly(Backbone<B> backbone) {
        this.backbone = backbone;
    }

    /**
     * A classifier whose head alone learns.
     *
     * @param backbone shared; stays open and unchanged
     */
    public static TextClassifier classifier(TextBackbone backbone, ClassifierOptions options) {
        return new TextClassifier(backbone, new HeadOnly<>(backbone), options);
    }

    /**
     * A classifier of pictures whose head alone learns.
     *
     * @param backbone shared; stays open and unchanged
     */
    public static ImageClassifier classifier(ImageBackbone backbone, ImageClassifierOptions options) {
        return new ImageClassifier(backbone, new HeadOnly<>(backbone), options);
    }

    private record Kept() implements RouteStep {
        @Override
        public void backward(INDArray gradOutput) {
            // Nothing before the head learns.
        }
    }

    @Override
    public void infer(B batch, Context context, INDArray result) {
        List<Layer> blocks = backbone.blocks();
        int end = blocks.size();
        try (Arena.Scope scope = context.memory().scratch().scope()) {
            PassingStates passing = PassingStates.between(context.memory(), 0, end, i -> backbone.stateShape(batch, i));
            IntFunction<INDArray> place = i -> i == end ? result : passing.at(i);
            backbone.stem().infer(batch, context, place.apply(0));
            for (int i = 0; i < end; i++) {
                blocks.get(i).infer(place.apply(i), context, place.apply(i + 1));
            }
        }
    }

    @Override
    public RouteStep forward(B batch, Context context, INDArray result) {
        StateCache.through(cache, batch, List.of(result), context.memory(), () -> infer(batch, context, result));
        return new Kept();
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
        return List.of();
    }
}
