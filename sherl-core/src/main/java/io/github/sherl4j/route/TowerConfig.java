package io.github.sherl4j.route;

import io.github.sherl4j.adapter.AdapterPreset;
import io.github.sherl4j.backbone.Backbone;
import io.github.sherl4j.backbone.FeatureBackbone;
import io.github.sherl4j.data.Batch;
import io.github.sherl4j.head.EmbeddingHead;
import io.github.sherl4j.head.EmbeddingOptions;
import io.github.sherl4j.head.FeatureHead;
import io.github.sherl4j.nd.Check;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a tower stands on its network by SHERL: everything but the network that is needed to make it, and so what its file says of
 * it.
 *
 * @param sherl how SHERL is laid over the network; a preset whose guide comes from outside stands on the output side
 * @param embedding the learned head behind the last state; null on the output side, where the adapter's result is the embedding
 *     but for its length
 */
public record TowerConfig(SherlConfig sherl, @Nullable EmbeddingOptions embedding) {
    private static final String HEAD = "head";

    /** Checks that both fit together. */
    public TowerConfig {
        boolean outside = isOutside(sherl.preset());
        Check.argument(
                outside == (embedding == null),
                "embedding must be %s with the preset %s, but is %s",
                outside ? "null" : "given",
                sherl.preset(),
                embedding);
        Check.argument(
                !outside || sherl.lateLayers() == 0,
                "lateLayers must be 0 with the preset %s, which stands on the output side, but is %s",
                sherl.preset(),
                sherl.lateLayers());
    }

    /** Adapter, late blocks, and a learned head, as published for images and texts. */
    public static TowerConfig inside(SherlConfig sherl, EmbeddingOptions embedding) {
        return new TowerConfig(sherl, embedding);
    }

    /**
     * The adapter on the output side of a network that has a feature, as published for videos and texts.
     *
     * @param preset one whose guide comes from outside, such as CLIP_VIDEO
     * @param seed equal seeds give equal adapters
     */
    public static TowerConfig outputSide(AdapterPreset preset, long seed) {
        double dropout = preset.options(1).dropout();
        return new TowerConfig(new SherlConfig(preset, preset.reduction(), 0, List.of(), dropout, seed), null);
    }

    private static boolean isOutside(AdapterPreset preset) {
        return preset.options(1).guideFromOutside();
    }

    /**
     * A new tower.
     *
     * @param backbone shared; stays open and unchanged
     * @throws IllegalArgumentException if the adapter needs a feature that the network does not have
     */
    <B extends Batch> Tower<B> tower(Backbone<B> backbone) {
        if (embedding != null) {
            EmbeddingHead head = new EmbeddingHead(HEAD, embedding, backbone.width(), backbone.type(), sherl.seed());
            return new Tower<>(backbone, SherlRoute.of(backbone, sherl), head, this);
        }
        if (!(backbone instanceof FeatureBackbone<B> network)) {
            throw new IllegalArgumentException(
                    "backbone must have a feature of its own, as CLIP has, for the preset %s, but %s has none"
                            .formatted(sherl.preset(), backbone.getClass().getSimpleName()));
        }
        long width = network.featureWidth();
        OutputRoute<B> route = OutputRoute.of(network, sherl.adapterOptions(width), sherl.seed());
        return new Tower<>(network, route, FeatureHead.of(width), this);
    }
}
