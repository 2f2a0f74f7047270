package io.github.sherl4j.backbone.dl4j;

import io.github.sherl4j.nd.Check;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/**
 * Where a network is cut in two. Names are those of vertices of a {@code ComputationGraph}, of layers of a
 * {@code MultiLayerNetwork} (their numbers, counted from 0, where they have no names), of variables of a {@code SameDiff}.
 *
 * @param taps the shallow states that the adapter reads beside the cut itself, in the order of the network
 * @param cut the state that the adapter replaces, its guide: what follows it is the late part
 * @param output the network's last state, which the head reads; empty for the last one before the network's output layer
 */
public record GraphCut(List<String> taps, String cut, Optional<String> output) {
    /** Checks and copies. */
    public GraphCut {
        taps = List.copyOf(taps);
        Check.argument(
                new HashSet<>(taps).size() == taps.size() && !taps.contains(cut),
                "taps must be different names other than the cut %s, but are %s",
                cut,
                taps);
    }

    /** A cut without taps, whose late part ends before the network's output layer. */
    public static GraphCut at(String cut) {
        return new GraphCut(List.of(), cut, Optional.empty());
    }

    /** The same with other taps. */
    public GraphCut tapping(String... newTaps) {
        return new GraphCut(List.of(newTaps), cut, output);
    }

    /** The same with another last state; the cut itself for no late part at all. */
    public GraphCut upTo(String newOutput) {
        return new GraphCut(taps, cut, Optional.of(newOutput));
    }

    /** All states that the adapter reads, its guide last. */
    List<String> states() {
        List<String> all = new ArrayList<>(taps);
        all.add(cut);
        return all;
    }
}
