package io.github.sherl4j.examples;

import java.util.Arrays;
import java.util.OptionalDouble;
import org.nd4j.shade.jackson.core.JsonProcessingException;
import org.nd4j.shade.jackson.databind.ObjectMapper;
import org.nd4j.shade.jackson.databind.node.ObjectNode;

/**
 * What one case came to.
 *
 * @param name the case
 * @param medianMs median time of a round in milliseconds
 * @param minMs time of the fastest round
 * @param peakMb the most megabytes (10^6 bytes) of native arrays beyond weights and inputs
 * @param residentPeakMb by how many megabytes the process grew at most; empty where the system does not tell
 * @param rounds rounds measured
 * @param threads threads that ND4J computes with
 */
record BenchmarkResult(
        String name,
        double medianMs,
        double minMs,
        double peakMb,
        OptionalDouble residentPeakMb,
        int rounds,
        int threads) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** The result of so many rounds, given by their times in milliseconds, at least one. */
    static BenchmarkResult of(String name, double[] times, double peakMb, OptionalDouble residentPeakMb, int threads) {
        double[] sorted = times.clone();
        Arrays.sort(sorted);
        double median = (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
        return new BenchmarkResult(name, median, sorted[0], peakMb, residentPeakMb, sorted.length, threads);
    }

    /** One line of JSON: {@code {"case","median_ms","min_ms","peak_mb","rss_peak_mb","rounds","threads"}}. */
    String toJson() throws JsonProcessingException {
        ObjectNode json = JSON.createObjectNode();
        json.put("case", name);
        json.put("median_ms", rounded(medianMs));
        json.put("min_ms", rounded(minMs));
        json.put("peak_mb", rounded(peakMb));
        if (residentPeakMb.isPresent()) {
            json.put("rss_peak_mb", rounded(residentPeakMb.getAsDouble()));
        } else {
            json.putNull("rss_peak_mb");
        }
        json.put("rounds", rounds);
        json.put("threads", threads);
        return JSON.writeValueAsString(json);
    }

    private static double rounded(double value) {
        return Math.round(value * 1000) / 1000.0;
    }
}
