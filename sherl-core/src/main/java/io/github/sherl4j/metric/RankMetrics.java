package io.github.sherl4j.metric;

import io.github.sherl4j.nd.Check;
import java.util.Arrays;

/**
 * What the ranks of the right answers come to.
 *
 * @param recallAt1 percentage of queries whose right answer comes first
 * @param recallAt5 percentage of queries whose right answer is among the first five
 * @param recallAt10 percentage of queries whose right answer is among the first ten
 * @param medianRank the median of the ranks, 1 at best; the mean of the middle two of an even number
 * @param meanRank the mean of the ranks, 1 at best
 */
public record RankMetrics(double recallAt1, double recallAt5, double recallAt10, double medianRank, double meanRank) {
    /**
     * Sums up ranks.
     *
     * @param ranks the rank of each query's right answer, 1 or more; not modified
     */
    public static RankMetrics of(int... ranks) {
        Check.argument(ranks.length > 0, "ranks must be of at least one query, but are none");
        int[] sorted = ranks.clone();
        Arrays.sort(sorted);
        Check.argument(sorted[0] >= 1, "ranks must be 1 or more, but one is %s", sorted[0]);
        int upper = sorted.length / 2;
        int lower = (sorted.length - 1) / 2;
        return new RankMetrics(
                recall(sorted, 1),
                recall(sorted, 5),
                recall(sorted, 10),
                (sorted[lower] + (double) sorted[upper]) / 2,
                Arrays.stream(sorted).average().orElseThrow());
    }

    private static double recall(int[] ranks, int at) {
        return 100.0 * Arrays.stream(ranks).filter(rank -> rank <= at).count() / ranks.length;
    }

    /** Recall at 1, 5 and 10, added. */
    public double recallSum() {
        return recallAt1 + recallAt5 + recallAt10;
    }
}
