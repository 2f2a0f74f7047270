package io.github.sherl4j.route;

import io.github.sherl4j.adapter.AdapterOptions;
import io.github.sherl4j.adapter.AdapterPreset;
import io.github.sherl4j.nd.Check;
import java.util.List;
import java.util.stream.IntStream;

/**
 * How SHERL is laid over an encoder-decoder: an adapter on each side.
 *
 * @param preset which of the published adapters
 * @param reduction the adapters' states are this many times narrower than the network's
 * @param encoderTaps indices of the states that the encoder's adapter reads, ascending, 0 being the embeddings; empty for all
 * @param decoderTaps the same of the decoder; empty for all states before the late blocks
 * @param lateLayers number of frozen blocks of the decoder behind its adapter that gradients flow through; they alone read the
 *     encoder's adapted memory, so there must be one at least
 * @param dropout rate of dropout behind the adapters, in training
 * @param seed seed of the adapters' initialisation
 */
public record EncoderDecoderConfig(
        AdapterPreset preset,
        double reduction,
        List<Integer> encoderTaps,
        List<Integer> decoderTaps,
        int lateLayers,
        double dropout,
        long seed) {
    /** Checks and copies. */
    public EncoderDecoderConfig {
        encoderTaps = List.copyOf(encoderTaps);
        decoderTaps = List.copyOf(decoderTaps);
        Check.argument(reduction > 0, "reduction must be positive, but is %s", reduction);
        Check.argument(lateLayers >= 1, "lateLayers must be at least 1, but is %s", lateLayers);
        Check.argument(dropout >= 0 && dropout < 1, "dropout must be in [0, 1), but is %s", dropout);
    }

    /** The paper's choices for T5-base: a quarter of the width, one late block, no dropout; all states tapped. */
    public static EncoderDecoderConfig defaults() {
        return new EncoderDecoderConfig(AdapterPreset.T5, AdapterPreset.T5.reduction(), List.of(), List.of(), 1, 0, 0);
    }

    /** The same with another published adapter, at its published reduction. */
    public EncoderDecoderConfig withPreset(AdapterPreset newPreset) {
        return new EncoderDecoderConfig(
                newPreset, newPreset.reduction(), encoderTaps, decoderTaps, lateLayers, dropout, seed);
    }

    /** The same with another reduction. */
    public EncoderDecoderConfig withReduction(double newReduction) {
        return new EncoderDecoderConfig(preset, newReduction, encoderTaps, decoderTaps, lateLayers, dropout, seed);
    }

    /** The same with other taps. */
    public EncoderDecoderConfig withTaps(List<Integer> newEncoderTaps, List<Integer> newDecoderTaps) {
        return new EncoderDecoderConfig(preset, reduction, newEncoderTaps, newDecoderTaps, lateLayers, dropout, seed);
    }

    /** The same with another number of late blocks. */
    public EncoderDecoderConfig withLateLayers(int newLateLayers) {
        return new EncoderDecoderConfig(preset, reduction, encoderTaps, decoderTaps, newLateLayers, dropout, seed);
    }

    /** The same with another dropout rate. */
    public EncoderDecoderConfig withDropout(double newDropout) {
        return new EncoderDecoderConfig(preset, reduction, encoderTaps, decoderTaps, lateLayers, newDropout, seed);
    }

    /** The same with another seed. */
    public EncoderDecoderConfig withSeed(long newSeed) {
        return new EncoderDecoderConfig(preset, reduction, encoderTaps, decoderTaps, lateLayers, dropout, newSeed);
    }

    /** The encoder's taps in a network of so many blocks. */
    List<Integer> encoderTapsOf(int blocks) {
        return encoderTaps.isEmpty() ? IntStream.rangeClosed(0, blocks).boxed().toList() : encoderTaps;
    }

    /** The decoder's taps in a network of so many blocks. */
    List<Integer> decoderTapsOf(int blocks) {
        return decoderTaps.isEmpty() ? SherlRoute.allTaps(blocks, lateLayers) : decoderTaps;
    }

    /** The adapters' options for a network of a width. */
    AdapterOptions adapterOptions(long width) {
        return preset.options((int) Math.max(1, Math.round(width / reduction))).withDropout(dropout);
    }
}
