package io.github.sherl4j.examples;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/** Results as aligned plain text. */
final class ResultTable {
    private static final List<String> HEADER = List.of(
            "method", "accuracy", "macro F1", "trainable", "share", "epochs", "s/step", "peak MB", "resident MB");

    private ResultTable() {}

    /** One line for the header and one for each result, without a line end after the last. */
    static String of(List<MethodResult> results) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(HEADER);
        results.forEach(result -> rows.add(row(result)));
        return align(rows);
    }

    private static List<String> row(MethodResult result) {
        return List.of(
                result.method().toString(),
                format("%.4f", result.accuracy()),
                format("%.4f", result.f1()),
                format("%,d", result.trainable()),
                format("%.3f%%", 100.0 * result.trainable() / result.total()),
                String.valueOf(result.epochs()),
                format("%.3f", result.secondsPerStep()),
                format("%.1f", result.peakMb()),
                resident(result.residentPeakMb()));
    }

    private static String resident(OptionalDouble megabytes) {
        return megabytes.isPresent() ? format("%.1f", megabytes.getAsDouble()) : "-";
    }

    /** The first column to the left, numbers to the right. */
    static String align(List<List<String>> rows) {
        List<String> lines = new ArrayList<>();
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int column = 0; column < row.size(); column++) {
                int width = width(rows, column);
                line.append(column == 0 ? "" : "  ")
                        .append(format(column == 0 ? "%-" + width + "s" : "%" + width + "s", row.get(column)));
            }
            lines.add(line.toString());
        }
        return String.join(System.lineSeparator(), lines);
    }

    private static int width(List<List<String>> rows, int column) {
        return rows.stream().mapToInt(row -> row.get(column).length()).max().orElseThrow();
    }

    private static String format(String pattern, Object value) {
        return String.format(Locale.ROOT, pattern, value);
    }
}
