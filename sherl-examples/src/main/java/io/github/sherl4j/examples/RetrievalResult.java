package io.github.sherl4j.examples;

import io.github.sherl4j.metric.RankMetrics;
import io.github.sherl4j.metric.RetrievalMetrics;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/**
 * What one method came to in retrieval.
 *
 * @param method its name
 * @param metrics on the held-out pairs
 * @param trainable number of parameters that learn
 * @param secondsPerStep median time of a training step; NaN without training
 * @param peakMb the most megabytes (10^6 bytes) of native arrays beyond weights and inputs while training; NaN without training
 * @param residentPeakMb by how many megabytes the process grew at most while training; empty where the system does not tell
 */
record RetrievalResult(
        String method,
        long seed,
        RetrievalMetrics metrics,
        long trainable,
        double secondsPerStep,
        double peakMb,
        OptionalDouble residentPeakMb) {
    private static final List<String> HEADER = List.of(
            "method",
            "seed",
            "i2t @1",
            "@5",
            "@10",
            "t2i @1",
            "@5",
            "@10",
            "sum",
            "trainable",
            "s/step",
            "peak MB",
            "resident MB");

    /** What networks say without any training. */
    static RetrievalResult untrained(String method, long seed, RetrievalMetrics metrics) {
        return new RetrievalResult(method, seed, metrics, 0, Double.NaN, Double.NaN, OptionalDouble.empty());
    }

    /** One line for the header and one for each result, without a line end after the last. */
    static String table(List<RetrievalResult> results) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(HEADER);
        results.forEach(result -> rows.add(result.row()));
        return ResultTable.align(rows);
    }

    private List<String> row() {
        List<String> row = new ArrayList<>(List.of(method, String.valueOf(seed)));
        for (RankMetrics ranks : List.of(metrics.imageToText(), metrics.textToImage())) {
            row.add(format("%.1f", ranks.recallAt1()));
            row.add(format("%.1f", ranks.recallAt5()));
            row.add(format("%.1f", ranks.recallAt10()));
        }
        row.add(format("%.1f", metrics.recallSum()));
        row.add(format("%,d", trainable));
        row.add(Double.isNaN(secondsPerStep) ? "-" : format("%.3f", secondsPerStep));
        row.add(Double.isNaN(peakMb) ? "-" : format("%.1f", peakMb));
        row.add(residentPeakMb.isPresent() ? format("%.1f", residentPeakMb.getAsDouble()) : "-");
        return row;
    }

    private static String format(String pattern, Object value) {
        return String.format(Locale.ROOT, pattern, value);
    }
}
