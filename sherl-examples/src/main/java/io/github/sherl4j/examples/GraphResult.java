package io.github.sherl4j.examples;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/**
 * What one method of adapting a Deeplearning4j network came to.
 *
 * @param accuracy share of the test pictures whose class was found, 0 to 1
 * @param trainable number of parameters that learn
 * @param secondsPerStep median time of a training step
 * @param peakMb the most megabytes (10^6 bytes) of native arrays and workspaces beyond weights and data while training
 * @param residentPeakMb by how many megabytes the process grew at most while training; empty where the system does not tell
 */
record GraphResult(
        GraphMethod method,
        double accuracy,
        long trainable,
        double secondsPerStep,
        double peakMb,
        OptionalDouble residentPeakMb) {
    private static final List<String> HEADER =
            List.of("method", "accuracy", "trainable", "s/step", "peak MB", "resident MB");

    /** One line for the header and one for each result, without a line end after the last. */
    static String table(List<GraphResult> results) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(HEADER);
        results.forEach(result -> rows.add(result.row()));
        return ResultTable.align(rows);
    }

    private List<String> row() {
        return List.of(
                method.toString(),
                format("%.4f", accuracy),
                format("%,d", trainable),
                format("%.3f", secondsPerStep),
                format("%.1f", peakMb),
                residentPeakMb.isPresent() ? format("%.1f", residentPeakMb.getAsDouble()) : "-");
    }

    private static String format(String pattern, Object value) {
        return String.format(Locale.ROOT, pattern, value);
    }
}
