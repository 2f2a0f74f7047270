package io.github.sherl4j.route;

import io.github.sherl4j.nd.Check;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Which blocks' results SHERL's two adapters read; the last of each list is the guide. The decoder's last block is the late one.
 *
 * @param encoder indices of encoder blocks, ascending; the last one is the encoder's last
 * @param decoder indices of decoder blocks, ascending; the last one is the last but one of the decoder
 */
public record SceneTaps(List<Integer> encoder, List<Integer> decoder) {
    /** Copies the lists. */
    public SceneTaps {
        encoder = List.copyOf(encoder);
        decoder = List.copyOf(decoder);
    }

    /** Those of MDETR as published: 0, 1, 3, 5 and 0, 2, 3, 4. */
    public static SceneTaps published() {
        return new SceneTaps(List.of(0, 1, 3, 5), List.of(0, 2, 3, 4));
    }

    /** Every block. */
    public static SceneTaps all(int encoderLayers, int decoderLayers) {
        return new SceneTaps(
                IntStream.range(0, encoderLayers).boxed().toList(),
                IntStream.range(0, decoderLayers - 1).boxed().toList());
    }

    void check(int encoderLayers, int decoderLayers) {
        check("encoder", encoder, encoderLayers - 1);
        check("decoder", decoder, decoderLayers - 2);
    }

    private static void check(String name, List<Integer> taps, int last) {
        boolean ascends = !taps.isEmpty() && taps.get(0) >= 0;
        for (int i = 1; i < taps.size(); i++) {
            ascends &= taps.get(i - 1) < taps.get(i);
        }
        Check.argument(
                ascends && taps.get(taps.size() - 1) == last,
                "%s taps must ascend and end at block %s, but are %s",
                name,
                last,
                taps);
    }
}
