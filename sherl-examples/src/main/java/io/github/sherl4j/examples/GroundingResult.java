package io.github.sherl4j.examples;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/**
 * What one method came to in grounding.
 *
 * @param recall shares of the test phrases that have a right box among the first 1, 5 and 10, 0 to 1
 * @param trainable number of parameters that learn
 * @param secondsPerStep median time of a training step
 * @param peakMb the most megabytes (10^6 bytes) of native arrays beyond weights and inputs while training
 * @param residentPeakMb by how many megabytes the process grew at most while training; empty where the system does not tell
 */
record GroundingResult(
        Method method,
        List<Double> recall,
        long trainable,
        double secondsPerStep,
        double peakMb,
        OptionalDouble residentPeakMb) {
    private static final List<String> HEADER =
            List.of("method", "acc@0.5", "recall@5", "recall@10", "trainable", "s/step", "peak MB", "resident MB");

    GroundingResult {
        recall = List.copyOf(recall);
    }

    /** One line for the header and one for each result, without a line end after the last. */
    static String table(List<GroundingResult> results) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(HEADER);
        for (GroundingResult result : results) {
            List<String> row = new ArrayList<>(List.of(result.method.toString()));
            result.recall.forEach(share -> row.add(format("%.4f", share)));
            row.add(format("%,d", result.trainable));
            row.add(format("%.3f", result.secondsPerStep));
            row.add(format("%.1f", result.peakMb));
            row.add(result.residentPeakMb.isPresent() ? format("%.1f", result.residentPeakMb.getAsDouble()) : "-");
            rows.add(row);
        }
        return ResultTable.align(rows);
    }

    private static String format(String pattern, Object value) {
        return String.format(Locale.ROOT, pattern, value);
    }
}
