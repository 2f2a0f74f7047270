package io.github.sherl4j.examples;

import io.github.sherl4j.route.TwoTowerModel;
import io.github.sherl4j.train.RateShape;
import io.github.sherl4j.train.TrainConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How two towers are trained and compared. */
final class PairOptions {
    private static final int CACHE_GIGABYTES = 4;

    @Option(
            names = "--method",
            paramLabel = "METHOD",
            split = ",",
            description = "head, sherl or full. May be repeated (default: all three, in this order).")
    private List<Method> methods = new ArrayList<>();

    @Option(
            names = "--epochs",
            paramLabel = "N",
            description = "Passes over the training pairs (default: ${DEFAULT-VALUE}).")
    private int epochs;

    @Option(
            names = "--batch",
            paramLabel = "N",
            description = "Pairs in a training step; all others of a batch are a pair's negatives"
                    + " (default: ${DEFAULT-VALUE}).")
    private int batch;

    @Option(
            names = "--part",
            paramLabel = "N",
            description = "Pictures, videos or texts computed at once: the same gradient in less memory"
                    + " (default: ${DEFAULT-VALUE}).")
    private int part;

    @Option(
            names = "--rate",
            paramLabel = "RATE",
            description = "Highest learning rate (default: one for each method, as the page on retrieval says).")
    private @Nullable Double rate;

    @Option(
            names = "--seed",
            paramLabel = "N",
            split = ",",
            description = "Seed of everything random; several give a result each (default: 0).")
    private List<Long> seeds = new ArrayList<>();

    @Option(
            names = "--no-cache",
            description = "Compute the frozen layers' states again in every epoch, instead of keeping them in temporary"
                    + " files of at most " + CACHE_GIGABYTES + " GB each.")
    private boolean noCache;

    @Option(
            names = "--save",
            paramLabel = "DIR",
            description = "Save SHERL's adapters there, those of the last seed, and load them again.")
    private @Nullable Path save;

    @Option(names = "--json", paramLabel = "FILE", description = "Write the results to this file, too.")
    private @Nullable Path json;

    /** The defaults. */
    PairOptions(int epochs, int batch, int part) {
        this.epochs = epochs;
        this.batch = batch;
        this.part = part;
    }

    void check(Options options) {
        options.require(epochs >= 1, "--epochs must be at least 1, but is %s", epochs);
        options.require(
                batch >= 2, "--batch must be at least 2, since a single pair has no negatives, but is %s", batch);
        options.require(part >= 1, "--part must be at least 1, but is %s", part);
        options.require(
                rate == null || (rate > 0 && Double.isFinite(rate)), "--rate must be positive, but is %s", rate);
        options.onlyIf(methods().contains(Method.SHERL), "--save", "--method sherl");
        options.requireFolder("--save", save);
        options.requireFile("--json", json);
    }

    Set<Method> methods() {
        return Method.chosen(methods);
    }

    List<Long> seeds() {
        return seeds.isEmpty() ? List.of(0L) : List.copyOf(seeds);
    }

    /** Where SHERL's adapters are saved; null for nowhere. */
    @Nullable
    Path save() {
        return save;
    }

    /** How many examples are computed at once. */
    int part() {
        return part;
    }

    TrainConfig config(double defaultRate, long seed) {
        return TrainConfig.defaults()
                .withEpochs(epochs)
                .withBatchSize(batch)
                .withPeakRate(rate == null ? defaultRate : rate)
                .withRateShape(RateShape.cosine(0.1, 0))
                .withSeed(seed);
    }

    /** Makes a model keep what its frozen layers say, if it has any and will ask them again. */
    void cache(Method method, TwoTowerModel<?, ?> model) throws IOException {
        if (!noCache && method != Method.FULL) {
            model.cacheStates(Path.of(System.getProperty("java.io.tmpdir")), (long) CACHE_GIGABYTES << 30);
        }
    }

    void write(String task, String model, List<RetrievalResult> results) throws IOException {
        if (json != null) {
            ResultFile.writeRetrieval(json, task, model, results);
        }
    }
}
