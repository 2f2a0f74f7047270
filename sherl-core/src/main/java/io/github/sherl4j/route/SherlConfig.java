package io.github.sherl4j.route;

import io.github.sherl4j.adapter.AdapterOptions;
import io.github.sherl4j.adapter.AdapterPreset;
import io.github.sherl4j.nd.Check;
import java.util.List;

/**
 * How SHERL is laid over a network.
 *
 * @param preset which of the published adapters
 * @param reduction the adapter's states are this many times narrower than the network's
 * @param lateLayers number of frozen blocks behind the adapter that gradients flow through
 * @param taps indices of the states that the adapter reads, ascending, 0 being the embeddings; empty for all states before
 *     the late blocks
 * @param dropout rate of dropout behind the adapter, in training
 * @param seed seed of the adapter's initialisation
 */
public record SherlConfig(
        AdapterPreset preset, double reduction, int lateLayers, List<Integer> taps, double dropout, long seed) {
    /** Checks and copies. */
    public SherlConfig {
        taps = List.copyOf(taps);
        Check.argument(reduction > 0, "reduction must be positive, but is %s", reduction);
        Check.argument(lateLayers >= 0, "lateLayers must be 0 or more, but is %s", lateLayers);
        Check.argument(dropout >= 0 && dropout < 1, "dropout must be in [0, 1), but is %s", dropout);
    }

    /** The paper's choices for BERT: half the width, one late block, all earlier states tapped, dropout 0.1. */
    public static SherlConfig defaults() {
        return new SherlConfig(AdapterPreset.VSE_TEXT, 2, 1, List.of(), 0.1, 0);
    }

    /** The same with another published adapter, at its published reduction and dropout; late layers and taps stay. */
    public SherlConfig withPreset(AdapterPreset newPreset) {
        double published = newPreset.options(1).dropout();
        return new SherlConfig(newPreset, newPreset.reduction(), lateLayers, taps, published, seed);
    }

    /** The same with another reduction. */
    public SherlConfig withReduction(double newReduction) {
        return new SherlConfig(preset, newReduction, lateLayers, taps, dropout, seed);
    }

    /** The same with another number of late blocks. */
    public SherlConfig withLateLayers(int newLateLayers) {
        return new SherlConfig(preset, reduction, newLateLayers, taps, dropout, seed);
    }

    /** The same with other taps. */
    public SherlConfig withTaps(List<Integer> newTaps) {
        return new SherlConfig(preset, reduction, lateLayers, newTaps, dropout, seed);
    }

    /** The same with another dropout rate. */
    public SherlConfig withDropout(double newDropout) {
        return new SherlConfig(preset, reduction, lateLayers, taps, newDropout, seed);
    }

    /** The same with another seed. */
    public SherlConfig withSeed(long newSeed) {
        return new SherlConfig(preset, reduction, lateLayers, taps, dropout, newSeed);
    }

    /** The taps for a network of so many blocks. */
    List<Integer> tapsOf(int blocks) {
        return taps.isEmpty() ? SherlRoute.allTaps(blocks, lateLayers) : taps;
    }

    /** The adapter's options for a network of a width. */
    AdapterOptions adapterOptions(long width) {
        return preset.options((int) Math.max(1, Math.round(width / reduction))).withDropout(dropout);
    }
}
