package io.github.sherl4j.examples;

import io.github.sherl4j.nd.OpProfile;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Where the time of a round goes, by operation and shape of its result, the longest first. */
final class ProfileTable {
    private static final List<String> HEADER = List.of("operation", "ms", "MB", "calls");

    private ProfileTable() {}

    /**
     * The means of so many rounds as aligned plain text.
     *
     * @param profile what was measured in all of them
     */
    static String of(OpProfile profile, int rounds) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(HEADER);
        profile.totals().entrySet().stream()
                .sorted(Comparator.comparingLong(entry -> -entry.getValue().nanos()))
                .forEach(entry -> rows.add(row(entry.getKey(), entry.getValue(), rounds)));
        rows.add(row("all", sum(profile.totals()), rounds));
        return ResultTable.align(rows);
    }

    private static OpProfile.Total sum(Map<String, OpProfile.Total> totals) {
        return totals.values().stream()
                .reduce(
                        new OpProfile.Total(0, 0, 0),
                        (a, b) -> new OpProfile.Total(
                                a.nanos() + b.nanos(), a.bytes() + b.bytes(), a.calls() + b.calls()));
    }

    private static List<String> row(String name, OpProfile.Total total, int rounds) {
        return List.of(
                name,
                String.format(Locale.ROOT, "%.2f", total.nanos() / 1e6 / rounds),
                String.format(Locale.ROOT, "%.1f", total.bytes() / 1e6 / rounds),
                String.format(Locale.ROOT, "%.1f", (double) total.calls() / rounds));
    }
}
