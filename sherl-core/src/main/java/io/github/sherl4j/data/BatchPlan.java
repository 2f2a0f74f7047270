package io.github.sherl4j.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Orders examples so that those of similar length share a batch and little is padded. Each plan is a list of batches of
 * example indices, longest example first; every index is in exactly one of them. No batch has more rows, or more tokens
 * after padding, than the first one: so whoever sizes memory by the first batch has room for all.
 */
final class BatchPlan {

    /** Examples are sorted by length only within this many batches, so that each epoch meets other neighbours. */
    private static final int BATCHES_PER_CHUNK = 50;

    private BatchPlan() {}

    /** A new order for each seed: shuffled, sorted within chunks, and the batches shuffled again. */
    static List<int[]> shuffled(int[] lengths, int batchSize, long seed) {
        requireBatchSize(batchSize);
        SplittableRandom random = new SplittableRandom(seed);
        int[] order = shuffledIndices(lengths.length, random);
        long chunk = (long) BATCHES_PER_CHUNK * batchSize;
        List<int[]> sorted = new ArrayList<>();
        for (long from = 0; from < order.length; ) {
            // The last chunk takes the rest too: so the one short batch holds shorter texts than a full one beside it.
            long to = order.length - from < 2 * chunk ? order.length : from + chunk;
            sorted.addAll(byLength(Arrays.copyOfRange(order, (int) from, (int) to), lengths, batchSize));
            from = to;
        }
        List<int[]> plan = new ArrayList<>(sorted.size());
        for (int batch : shuffledIndices(sorted.size(), random)) {
            plan.add(sorted.get(batch));
        }
        Collections.swap(plan, 0, longest(plan, lengths));
        return plan;
    }

    /** From the longest example to the shortest. */
    static List<int[]> byLength(int[] lengths, int batchSize) {
        requireBatchSize(batchSize);
        int[] order = new int[lengths.length];
        Arrays.setAll(order, i -> i);
        return byLength(order, lengths, batchSize);
    }

    private static List<int[]> byLength(int[] order, int[] lengths, int batchSize) {
        // Length in the high half, the place in the given order in the low half: sorting keeps ties in that order.
        long[] keys = new long[order.length];
        Arrays.setAll(keys, i -> ((long) (Integer.MAX_VALUE - lengths[order[i]]) << Integer.SIZE) | i);
        Arrays.sort(keys);
        int[] sorted = Arrays.stream(keys).mapToInt(key -> order[(int) key]).toArray();
        List<int[]> batches = new ArrayList<>();
        for (int from = 0; from < sorted.length; ) {
            int to = from + Math.min(batchSize, sorted.length - from);
            batches.add(Arrays.copyOfRange(sorted, from, to));
            from = to;
        }
        return batches;
    }

    private static int longest(List<int[]> plan, int[] lengths) {
        int longest = 0;
        long most = 0;
        for (int i = 0; i < plan.size(); i++) {
            int[] batch = plan.get(i);
            long padded = (long) batch.length * lengths[batch[0]];
            if (padded > most) {
                longest = i;
                most = padded;
            }
        }
        return longest;
    }

    private static int[] shuffledIndices(int count, SplittableRandom random) {
        int[] indices = new int[count];
        for (int i = 0; i < count; i++) {
            int j = random.nextInt(i + 1);
            indices[i] = indices[j];
            indices[j] = i;
        }
        return indices;
    }

    private static void requireBatchSize(int batchSize) {
        if (batchSize < 1) {
            throw new IllegalArgumentException("batchSize is " + batchSize + ": expected at least 1");
        }
    }
}
