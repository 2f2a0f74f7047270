package io.github.sherl4j.metric;

import io.github.sherl4j.loss.BoxOverlap;
import io.github.sherl4j.nd.Check;
import java.util.ArrayList;
import java.util.List;

/** Visual grounding, phrase by phrase: a predicted box is right if it overlaps one of the phrase's boxes enough. */
public final class GroundingMetrics {
    private static final double ENOUGH = 0.5;

    private final List<Integer> ranks = new ArrayList<>();

    /**
     * Adds a phrase.
     *
     * @param ranked predicted boxes of centre, width and height, the best first; not modified
     * @param right the phrase's boxes, at least one; not modified
     */
    public void add(List<double[]> ranked, List<double[]> right) {
        Check.argument(!right.isEmpty(), "right must be at least one box, but are none");
        int rank = 0;
        while (rank < ranked.size() && !overlaps(ranked.get(rank), right)) {
            rank++;
        }
        ranks.add(rank < ranked.size() ? rank : Integer.MAX_VALUE);
    }

    private static boolean overlaps(double[] box, List<double[]> right) {
        return right.stream().anyMatch(one -> BoxOverlap.iou(box, one) >= ENOUGH);
    }

    /** Number of phrases. */
    public int phrases() {
        return ranks.size();
    }

    /** Share of the phrases whose best box has an intersection over union of 0.5 or more, from 0 to 1. */
    public double accuracy() {
        return recall(1);
    }

    /** Share of the phrases that have such a box among their first k, from 0 to 1. */
    public double recall(int k) {
        Check.argument(k >= 1, "k must be at least 1, but is %s", k);
        Check.argument(!ranks.isEmpty(), "there must be a phrase to measure, but is none");
        return ranks.stream().filter(rank -> rank < k).count() / (double) ranks.size();
    }
}
