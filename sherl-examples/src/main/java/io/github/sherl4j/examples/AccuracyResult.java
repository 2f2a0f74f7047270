package io.github.sherl4j.examples;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/**
 * What one method came to where accuracy says all: questions answered, texts turned into texts, classes of pictures.
 *
 * @param method its name
 * @param accuracy mean score of the answers, or share of the test examples that were right, 0 to 1
 * @param trainable number of parameters that learn
 * @param secondsPerStep median time of a training step
 * @param peakMb the most megabytes (10^6 bytes) of native arrays, with Deeplearning4j also workspaces, beyond weights and inputs while training
 * @param residentPeakMb by how many megabytes the process grew at most while training; empty where the system does not tell
 */
record AccuracyResult(
        String method,
        double accuracy,
        long trainable,
        double secondsPerStep,
        double peakMb,
        OptionalDouble residentPeakMb) {
    private static final List<String> HEADER =
            List.of("method", "accuracy", "trainable", "s/step", "peak MB", "resident MB");

    /** One line for the header and one for each result, without a line end after the last. */
    static String table(List<AccuracyResult> results) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(HEADER);
        for (AccuracyResult result : results) {
            rows.add(List.of(
                    result.method,
                    format("%.4f", result.accuracy),
                    format("%,d", result.trainable),
                    format("%.3f", result.secondsPerStep),
                    format("%.1f", result.peakMb),
                    result.residentPeakMb.isPresent() ? format("%.1f", result.residentPeakMb.getAsDouble()) : "-"));
        }
        return ResultTable.align(rows);
    }

    private static String format(String pattern, Object value) {
        return String.format(Locale.ROOT, pattern, value);
    }
}
