package io.github.sherl4j.route;

import io.github.sherl4j.adapter.AdapterOptions;
import io.github.sherl4j.adapter.AdapterPreset;
import io.github.sherl4j.backbone.detr.DetrConfig;
import io.github.sherl4j.nd.Check;
import org.jspecify.annotations.Nullable;

/**
 * How SHERL is laid over MDETR: an adapter in the encoder and one in the decoder.
 *
 * @param reduction the adapters' states are this many times narrower than the network's
 * @param taps which blocks the adapters read; null for the published ones in a network of 6 and 6 blocks, and for all in others
 * @param dropout rate of dropout behind the adapters, in training
 * @param headRate factor of the learning rate of the heads
 * @param seed seed of the adapters' initialisation
 */
public record SceneConfig(double reduction, @Nullable SceneTaps taps, double dropout, double headRate, long seed) {
    private static final double PUBLISHED_HEAD_RATE = 0.1;

    /** Checks the numbers. */
    public SceneConfig {
        Check.argument(reduction > 0, "reduction must be positive, but is %s", reduction);
        Check.argument(dropout >= 0 && dropout < 1, "dropout must be in [0, 1), but is %s", dropout);
        Check.argument(headRate > 0 && Double.isFinite(headRate), "headRate must be positive, but is %s", headRate);
    }

    /** The paper's choices: half the width, no dropout, heads at a tenth of the rate. */
    public static SceneConfig defaults() {
        return new SceneConfig(AdapterPreset.MDETR.reduction(), null, 0, PUBLISHED_HEAD_RATE, 0);
    }

    /** The same with another reduction. */
    public SceneConfig withReduction(double newReduction) {
        return new SceneConfig(newReduction, taps, dropout, headRate, seed);
    }

    /** The same with other taps. */
    public SceneConfig withTaps(SceneTaps newTaps) {
        return new SceneConfig(reduction, newTaps, dropout, headRate, seed);
    }

    /** The same with another dropout rate. */
    public SceneConfig withDropout(double newDropout) {
        return new SceneConfig(reduction, taps, newDropout, headRate, seed);
    }

    /** The same with another rate of the heads. */
    public SceneConfig withHeadRate(double newHeadRate) {
        return new SceneConfig(reduction, taps, dropout, newHeadRate, seed);
    }

    /** The same with another seed. */
    public SceneConfig withSeed(long newSeed) {
        return new SceneConfig(reduction, taps, dropout, headRate, newSeed);
    }

    SceneTaps tapsOf(DetrConfig sizes) {
        if (taps != null) {
            return taps;
        }
        DetrConfig published = DetrConfig.mdetr();
        return sizes.encoderLayers() == published.encoderLayers() && sizes.decoderLayers() == published.decoderLayers()
                ? SceneTaps.published()
                : SceneTaps.all(sizes.encoderLayers(), sizes.decoderLayers());
    }

    AdapterOptions adapterOptions(long width) {
        return AdapterOptions.mdetr((int) Math.max(1, Math.round(width / reduction)))
                .withDropout(dropout);
    }
}
