package io.github.sherl4j.examples;

import io.github.sherl4j.adapter.AdapterPreset;
import io.github.sherl4j.backbone.Backbone;
import io.github.sherl4j.backbone.ImageBackbone;
import io.github.sherl4j.backbone.TextBackbone;
import io.github.sherl4j.data.Batch;
import io.github.sherl4j.data.ImageBatch;
import io.github.sherl4j.data.TokenBatch;
import io.github.sherl4j.head.EmbeddingHead;
import io.github.sherl4j.head.EmbeddingOptions;
import io.github.sherl4j.nd.Rng;
import io.github.sherl4j.route.PairLoss;
import io.github.sherl4j.route.Route;
import io.github.sherl4j.route.SherlConfig;
import io.github.sherl4j.route.Tower;
import io.github.sherl4j.route.TowerConfig;
import io.github.sherl4j.route.TwoTowerModel;
import io.github.sherl4j.tuning.FullTuning;
import io.github.sherl4j.tuning.HeadOnly;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * The two towers of retrieval by each method: the same backbones, embedding heads and loss, and only the routes differ.
 *
 * @param embed length of an embedding
 * @param temperature what similarities are divided by in the loss
 * @param imageTaps states of the image network that SHERL's adapter reads; the last one is the guide
 * @param adapted networks that SHERL adapts; the other one has its head alone
 */
record RetrievalTowers(int embed, double temperature, List<Integer> imageTaps, Set<Side> adapted) {
    private static final long IMAGE_USE = 1;
    private static final long TEXT_USE = 2;

    /** The two networks. */
    enum Side {
        IMAGES,
        TEXTS;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    TwoTowerModel<ImageBatch, TokenBatch> model(Method method, ImageBackbone images, TextBackbone texts, long seed) {
        SherlConfig imageConfig = SherlConfig.defaults()
                .withPreset(AdapterPreset.VSE_IMAGE)
                .withTaps(imageTaps)
                .withLateLayers(images.blocks().size() - imageTaps.get(imageTaps.size() - 1))
                .withSeed(Rng.derive(seed, IMAGE_USE));
        SherlConfig textConfig = SherlConfig.defaults().withSeed(Rng.derive(seed, TEXT_USE));
        return new TwoTowerModel<>(
                tower(of(method, Side.IMAGES), images, imageConfig),
                tower(of(method, Side.TEXTS), texts, textConfig),
                loss());
    }

    private Method of(Method method, Side side) {
        return method == Method.SHERL && !adapted.contains(side) ? Method.HEAD : method;
    }

    PairLoss loss() {
        return PairLoss.contrastive(temperature);
    }

    private <B extends Batch> Tower<B> tower(Method method, Backbone<B> backbone, SherlConfig config) {
        EmbeddingOptions options =
                EmbeddingOptions.defaults().withEmbed(embed).withPooling(EmbeddingOptions.TokenPooling.MEAN);
        if (method == Method.SHERL) {
            return Tower.of(backbone, TowerConfig.inside(config, options));
        }
        Route<B> route = method == Method.HEAD ? new HeadOnly<>(backbone) : new FullTuning<>(backbone);
        return new Tower<>(
                backbone, route, new EmbeddingHead("head", options, backbone.width(), backbone.type(), config.seed()));
    }
}
