package io.github.sherl4j.examples;

import io.github.sherl4j.adapter.AdapterPreset;
import io.github.sherl4j.backbone.FeatureBackbone;
import io.github.sherl4j.backbone.VideoBackbone;
import io.github.sherl4j.backbone.clip.ClipTextBackbone;
import io.github.sherl4j.data.Batch;
import io.github.sherl4j.data.TokenBatch;
import io.github.sherl4j.data.VideoBatch;
import io.github.sherl4j.head.FeatureHead;
import io.github.sherl4j.nd.Rng;
import io.github.sherl4j.route.PairLoss;
import io.github.sherl4j.route.Tower;
import io.github.sherl4j.route.TowerConfig;
import io.github.sherl4j.route.TwoTowerModel;
import io.github.sherl4j.tuning.FeatureTuning;

/**
 * CLIP's two towers by each method, with CLIP's own similarity and loss, and the mean over frames of the paper's base system.
 *
 * @param logitScale what similarities are multiplied by in the loss
 * @param preset of the adapters
 */
record VideoTowers(double logitScale, AdapterPreset preset) {
    private static final long VIDEO_USE = 1;
    private static final long TEXT_USE = 2;

    /** A tower whose network speaks for itself. */
    static <B extends Batch> Tower<B> untrained(FeatureBackbone<B> backbone) {
        return new Tower<>(backbone, FeatureTuning.frozen(backbone), FeatureHead.of(backbone.featureWidth()));
    }

    TwoTowerModel<VideoBatch, TokenBatch> model(
            Method method, VideoBackbone videos, ClipTextBackbone texts, long seed) {
        return new TwoTowerModel<>(
                tower(method, videos, Rng.derive(seed, VIDEO_USE)),
                tower(method, texts, Rng.derive(seed, TEXT_USE)),
                loss());
    }

    PairLoss loss() {
        return PairLoss.contrastive(1 / logitScale);
    }

    private <B extends Batch> Tower<B> tower(Method method, FeatureBackbone<B> backbone, long seed) {
        long width = backbone.featureWidth();
        return switch (method) {
            case HEAD ->
                new Tower<>(
                        backbone, FeatureTuning.frozen(backbone), FeatureHead.linear("head", width, backbone.type()));
            case SHERL -> Tower.of(backbone, TowerConfig.outputSide(preset, seed));
            case FULL -> new Tower<>(backbone, FeatureTuning.full(backbone), FeatureHead.of(width));
        };
    }
}
