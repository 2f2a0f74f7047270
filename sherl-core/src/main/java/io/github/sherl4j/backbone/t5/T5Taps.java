package io.github.sherl4j.backbone.t5;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Which states of each side the published adapters read, as indices of states: 0 the embeddings, i the result of block i - 1. The
 * decoder's are those before its last block.
 *
 * @param encoder ascending; the last one is the guide
 * @param decoder ascending; the last one is the guide
 */
public record T5Taps(List<Integer> encoder, List<Integer> decoder) {
    /** Copies the lists. */
    public T5Taps {
        encoder = List.copyOf(encoder);
        decoder = List.copyOf(decoder);
    }

    /** Those of T5-base: the embeddings and blocks 1, 2, 3, 5, 6, 7, 9, 10, 11 counted from 0. */
    public static T5Taps base() {
        return ofBlocks(12, List.of(1, 2, 3, 5, 6, 7, 9, 10, 11));
    }

    /** Those of T5-large: the embeddings, blocks 1, 3, 5, and so on to 21, then 22 and 23. */
    public static T5Taps large() {
        List<Integer> odd = IntStream.range(0, 11).map(i -> 2 * i + 1).boxed().toList();
        return ofBlocks(24, Stream.concat(odd.stream(), Stream.of(22, 23)).toList());
    }

    /** Those of T5-3b: the embeddings and blocks 22, 23. */
    public static T5Taps threeBillion() {
        return ofBlocks(24, List.of(22, 23));
    }

    /** Those published for a network of so many blocks a side and such a width, or else all states. */
    public static T5Taps published(T5Config config) {
        if (config.layers() == 12 && config.decoderLayers() == 12) {
            return base();
        }
        if (config.layers() == 24 && config.decoderLayers() == 24) {
            return config.inner() > config.width() ? threeBillion() : large();
        }
        return new T5Taps(
                IntStream.rangeClosed(0, config.layers()).boxed().toList(),
                IntStream.range(0, config.decoderLayers()).boxed().toList());
    }

    private static T5Taps ofBlocks(int layers, List<Integer> blocks) {
        List<Integer> states = Stream.concat(Stream.of(0), blocks.stream().map(block -> block + 1))
                .toList();
        return new T5Taps(states, states.stream().filter(i -> i < layers).toList());
    }
}
