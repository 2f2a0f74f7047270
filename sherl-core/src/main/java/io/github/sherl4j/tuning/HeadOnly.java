package io.github.sherl4j.tuning;

import io.github.sherl4j.backbone.Backbone;
import io.github.sherl4j.backbone.TextBackbone;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.Layer;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.route.ClassifierOptions;
import io.github.sherl4j.route.Route;
import io.github.sherl4j.route.TextClassifier;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Training of the head alone (linear probing): the whole network runs in inference and keeps nothing.
 *
 * @param <B> a batch of the network's inputs
 */
public final class HeadOnly<B> implements Route<B> {
    private final Backbone<B> backbone;

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

    private record Kept() implements RouteStep {
        @Override
        public void backward(INDArray gradOutput) {
            // Nothing before the head learns.
        }
    }

    @Override
    public void infer(B batch, Context context, INDArray result) {
        Arena scratch = context.memory().scratch();
        List<Layer> blocks = backbone.blocks();
        try (Arena.Scope scope = scratch.scope()) {
            INDArray[] passing = {result, scratch.array(result.shape())};
            int place = blocks.size() % 2; // so that the last state lies in the result
            backbone.stem().infer(batch, context, passing[place]);
            for (Layer block : blocks) {
                block.infer(passing[place], context, passing[1 - place]);
                place = 1 - place;
            }
        }
    }

    @Override
    public RouteStep forward(B batch, Context context, INDArray result) {
        infer(batch, context, result);
        return new Kept();
    }

    @Override
    public List<Parameter> trainable() {
        return List.of();
    }
}
