package io.github.sherl4j.examples;

import io.github.sherl4j.metric.RankMetrics;
import io.github.sherl4j.metric.RetrievalMetrics;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;
import org.nd4j.shade.jackson.databind.ObjectMapper;
import org.nd4j.shade.jackson.databind.node.ArrayNode;
import org.nd4j.shade.jackson.databind.node.ObjectNode;

/**
 * Results as a JSON file:
 *
 * <pre>
 * {"task", "model", "seed", "results": [
 *     {"method", "accuracy", "f1", "trainable", "total", "seconds_per_step", "peak_mb", "rss_peak_mb", "epochs"}]}
 * </pre>
 *
 * <p>Accuracy and macro F1 are from 0 to 1; {@code rss_peak_mb} is null where the system does not tell.
 */
final class ResultFile {
    private static final ObjectMapper JSON = new ObjectMapper();

    private ResultFile() {}

    /** Replaces the file as a whole once the new one is safe on disk. */
    static void write(Path file, String task, String model, long seed, List<MethodResult> results) throws IOException {
        ObjectNode json = JSON.createObjectNode();
        json.put("task", task);
        json.put("model", model);
        json.put("seed", seed);
        results.forEach(result -> json.withArray("results").add(describe(result)));
        replace(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(json));
    }

    /**
     * The same for retrieval:
     *
     * <pre>
     * {"task", "model", "results": [{"method", "seed", "image_to_text": [recall at 1, 5, 10, in %], "text_to_image": [...],
     *     "recall_sum", "median_rank": [...], "trainable", "seconds_per_step", "peak_mb", "rss_peak_mb"}]}
     * </pre>
     *
     * <p>Times and peaks are null for networks that were not trained.
     */
    static void writeRetrieval(Path file, String task, String model, List<RetrievalResult> results) throws IOException {
        ObjectNode json = JSON.createObjectNode();
        json.put("task", task);
        json.put("model", model);
        results.forEach(result -> json.withArray("results").add(describe(result)));
        replace(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(json));
    }

    /**
     * The same where accuracy says all:
     *
     * <pre>
     * {"task", "model", "seed", "results": [{"method", "accuracy", "trainable", "seconds_per_step", "peak_mb", "rss_peak_mb"}]}
     * </pre>
     *
     * @param model null where the task has one of its own, which is not named then
     */
    static void writeAccuracies(Path file, String task, @Nullable String model, long seed, List<AccuracyResult> results)
            throws IOException {
        ObjectNode json = JSON.createObjectNode();
        json.put("task", task);
        if (model != null) {
            json.put("model", model);
        }
        json.put("seed", seed);
        for (AccuracyResult result : results) {
            ObjectNode one = json.withArray("results").addObject();
            one.put("method", result.method());
            one.put("accuracy", result.accuracy());
            putCosts(one, result.trainable(), result.secondsPerStep(), result.peakMb(), result.residentPeakMb());
        }
        replace(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(json));
    }

    /** Accuracies: {@code {"task", "results": [{"name", "detail", "accuracy"}]}}. */
    static void writeAccuracies(Path file, String task, List<AccuracyTable.Row> rows) throws IOException {
        ObjectNode json = JSON.createObjectNode();
        json.put("task", task);
        for (AccuracyTable.Row row : rows) {
            json.withArray("results")
                    .addObject()
                    .put("name", row.name())
                    .put("detail", row.detail())
                    .put("accuracy", row.accuracy());
        }
        replace(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(json));
    }

    /**
     * The same for grounding:
     *
     * <pre>
     * {"task", "model", "seed", "results": [{"method", "recall": [at 1, 5, 10], "trainable", "seconds_per_step", "peak_mb",
     *     "rss_peak_mb"}]}
     * </pre>
     */
    static void writeGrounding(Path file, String model, long seed, List<GroundingResult> results) throws IOException {
        ObjectNode json = JSON.createObjectNode();
        json.put("task", "grounding");
        json.put("model", model);
        json.put("seed", seed);
        for (GroundingResult result : results) {
            ObjectNode one = json.withArray("results").addObject();
            one.put("method", result.method().toString());
            result.recall().forEach(one.putArray("recall")::add);
            putCosts(one, result.trainable(), result.secondsPerStep(), result.peakMb(), result.residentPeakMb());
        }
        replace(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(json));
    }

    private static ObjectNode describe(RetrievalResult result) {
        ObjectNode json = JSON.createObjectNode();
        json.put("method", result.method());
        json.put("seed", result.seed());
        RetrievalMetrics metrics = result.metrics();
        json.set("image_to_text", recalls(metrics.imageToText()));
        json.set("text_to_image", recalls(metrics.textToImage()));
        json.put("recall_sum", metrics.recallSum());
        json.putArray("median_rank")
                .add(metrics.imageToText().medianRank())
                .add(metrics.textToImage().medianRank());
        putCosts(json, result.trainable(), result.secondsPerStep(), result.peakMb(), result.residentPeakMb());
        return json;
    }

    private static void putCosts(
            ObjectNode json, long trainable, double secondsPerStep, double peakMb, OptionalDouble residentPeakMb) {
        json.put("trainable", trainable);
        putMeasured(json, "seconds_per_step", secondsPerStep);
        putMeasured(json, "peak_mb", peakMb);
        if (residentPeakMb.isPresent()) {
            json.put("rss_peak_mb", residentPeakMb.getAsDouble());
        } else {
            json.putNull("rss_peak_mb");
        }
    }

    private static void putMeasured(ObjectNode json, String key, double number) {
        if (Double.isNaN(number)) {
            json.putNull(key);
        } else {
            json.put(key, number);
        }
    }

    private static ArrayNode recalls(RankMetrics ranks) {
        return JSON.createArrayNode()
                .add(ranks.recallAt1())
                .add(ranks.recallAt5())
                .add(ranks.recallAt10());
    }

    private static ObjectNode describe(MethodResult result) {
        ObjectNode json = JSON.createObjectNode();
        json.put("method", result.method().toString());
        json.put("accuracy", result.accuracy());
        json.put("f1", result.f1());
        json.put("total", result.total());
        putCosts(json, result.trainable(), result.secondsPerStep(), result.peakMb(), result.residentPeakMb());
        json.put("epochs", result.epochs());
        return json;
    }

    private static void replace(Path file, byte[] content) throws IOException {
        Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
        try {
            try (FileChannel channel = FileChannel.open(
                    temporary,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.WRITE,
                    StandardOpenOption.TRUNCATE_EXISTING)) {
                ByteBuffer bytes = ByteBuffer.wrap(content);
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                channel.force(true);
            }
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }
}
