package io.github.sherl4j.weights;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Finds names by edit distance, so that a message can offer what was probably meant. */
final class NearestNames {

    private static final int OFFERED = 3;

    private record Near(String name, int distance) {}

    private NearestNames() {}

    /**
     * The names that are fewest edits away, nearest first.
     *
     * @param wanted the name that was not found
     * @param names where to look
     * @return at most three names, none further away than half of the wanted name's length
     */
    static List<String> of(String wanted, Collection<String> names) {
        int limit = Math.max(2, wanted.length() / 2);
        return names.stream()
                .map(name -> new Near(name, distance(wanted, name, limit)))
                .filter(near -> near.distance() <= limit)
                .sorted(Comparator.comparingInt(Near::distance).thenComparing(Near::name))
                .limit(OFFERED)
                .map(Near::name)
                .toList();
    }

    /** The entry of that name; without one, an error that offers the nearest names. */
    static <T> T require(Map<String, T> entries, String name, String origin) {
        @Nullable T entry = entries.get(Objects.requireNonNull(name, "name"));
        if (entry == null) {
            throw new IllegalArgumentException(
                    origin + ": holds no tensor '" + name + "'" + offer(of(name, entries.keySet())));
        }
        return entry;
    }

    /** The tail of a message that offers names; empty if there are none. */
    static String offer(List<String> nearest) {
        return nearest.isEmpty() ? "" : "; nearest: '" + String.join("', '", nearest) + "'";
    }

    /**
     * Levenshtein's distance: how many characters must be inserted, removed or replaced.
     *
     * @return the distance, or anything above {@code limit} as soon as it cannot be less
     */
    static int distance(String a, String b, int limit) {
        if (Math.abs(a.length() - b.length()) > limit) {
            return limit + 1;
        }
        int[] row = new int[b.length() + 1];
        for (int j = 0; j < row.length; j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            int best = i;
            for (int j = 1; j < row.length; j++) {
                int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
                best = Math.min(best, row[j]);
            }
            if (best > limit) {
                return limit + 1;
            }
        }
        return row[b.length()];
    }
}
