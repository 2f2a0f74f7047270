package io.github.sherl4j.data;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** Draws examples by chance so that every label keeps its share, as nearly as whole numbers allow. */
final class Stratified {

    private Stratified() {}

    /**
     * Draws indices.
     *
     * @param labels the label of every example, not modified
     * @param count how many to draw, from 0 to the number of labels
     * @return the indices drawn, exactly {@code count} of them
     */
    static BitSet draw(List<String> labels, int count, long seed) {
        // Sorted by name, so that the draw does not hang on the order in which the labels turn up.
        Map<String, List<Integer>> groups = new TreeMap<>();
        for (int i = 0; i < labels.size(); i++) {
            groups.computeIfAbsent(labels.get(i), label -> new ArrayList<>()).add(i);
        }
        Random random = new Random(seed);
        int[] quotas = quotas(groups.values().stream().mapToInt(List::size).toArray(), labels.size(), count);
        BitSet drawn = new BitSet(labels.size());
        int group = 0;
        for (List<Integer> members : groups.values()) {
            Collections.shuffle(members, random);
            members.subList(0, quotas[group++]).forEach(drawn::set);
        }
        return drawn;
    }

    /** Largest remainders: each group gets the whole part of its share, then the largest fractions get one more. */
    private static int[] quotas(int[] sizes, int total, int count) {
        int[] quotas = new int[sizes.length];
        long[] remainders = new long[sizes.length];
        List<Integer> byRemainder = new ArrayList<>();
        int open = count;
        for (int i = 0; i < sizes.length; i++) {
            long share = (long) sizes[i] * count;
            quotas[i] = (int) (share / total);
            remainders[i] = share % total;
            open -= quotas[i];
            byRemainder.add(i);
        }
        byRemainder.sort(Comparator.comparingLong(i -> -remainders[i]));
        for (int i = 0; i < open; i++) {
            quotas[byRemainder.get(i)]++;
        }
        return quotas;
    }
}
