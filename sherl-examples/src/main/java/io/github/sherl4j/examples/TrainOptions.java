package io.github.sherl4j.examples;

import io.github.sherl4j.route.TextClassifier;
import io.github.sherl4j.train.RateShape;
import io.github.sherl4j.train.TrainConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How to train. */
final class TrainOptions {
    private static final int CACHE_GIGABYTES = 4;

    /** How the learning rate runs after its warm-up. */
    enum Schedule {
        LINEAR,
        COSINE,
        CONSTANT;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Option(
            names = "--epochs",
            paramLabel = "N",
            defaultValue = "2",
            description = "Passes over the training data (default: ${DEFAULT-VALUE}).")
    private int epochs = 2;

    @Option(
            names = "--batch",
            paramLabel = "N",
            defaultValue = "32",
            description = "Texts in a training step (default: ${DEFAULT-VALUE}).")
    private int batch = 32;

    @Option(
            names = "--accumulation",
            paramLabel = "N",
            defaultValue = "1",
            description = "Run each batch in N parts: the same gradient in less memory (default: ${DEFAULT-VALUE}).")
    private int accumulation = 1;

    @Option(
            names = "--rate",
            paramLabel = "RATE",
            description = "Highest learning rate (default: " + Method.Rates.HEAD + " for head, " + Method.Rates.SHERL
                    + " for sherl, " + Method.Rates.FULL + " for full).")
    private @Nullable Double rate;

    @Option(
            names = "--schedule",
            paramLabel = "KIND",
            defaultValue = "linear",
            description = "The learning rate after its warm-up: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private Schedule schedule = Schedule.LINEAR;

    @Option(
            names = "--warmup",
            paramLabel = "SHARE",
            defaultValue = "0.1",
            description = "Share of all steps in which the learning rate rises (default: ${DEFAULT-VALUE}).")
    private double warmUp = 0.1;

    @Option(
            names = "--weight-decay",
            paramLabel = "DECAY",
            defaultValue = "0.01",
            description = "Weight decay of AdamW (default: ${DEFAULT-VALUE}).")
    private double weightDecay = 0.01;

    @Option(
            names = "--validation-share",
            paramLabel = "SHARE",
            defaultValue = "0",
            description = "Share of the training data that is held back to find the best epoch, whose weights are then"
                    + " used (default: ${DEFAULT-VALUE}, the last epoch's weights are used).")
    private double validationShare;

    @Option(
            names = "--patience",
            paramLabel = "N",
            defaultValue = "0",
            description = "Stop after N epochs without a better one; needs --validation-share"
                    + " (default: ${DEFAULT-VALUE}, never).")
    private int patience;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "42",
            description = "Seed of everything random (default: ${DEFAULT-VALUE}).")
    private long seed = 42;

    @Option(
            names = "--no-cache",
            description =
                    "Compute the frozen layers' states again in every epoch, instead of keeping them in a temporary"
                            + " file of at most " + CACHE_GIGABYTES + " GB.")
    private boolean noCache;

    void check(Options options) {
        options.require(epochs >= 1, "--epochs must be at least 1, but is %s", epochs);
        options.require(batch >= 1, "--batch must be at least 1, but is %s", batch);
        options.require(
                accumulation >= 1 && accumulation <= batch,
                "--accumulation must be from 1 to --batch, which is %s, but is %s",
                batch,
                accumulation);
        options.require(
                rate == null || (rate > 0 && Double.isFinite(rate)), "--rate must be positive, but is %s", rate);
        options.require(warmUp >= 0 && warmUp <= 1, "--warmup must be from 0 to 1, but is %s", warmUp);
        for (Method method : Method.values()) {
            options.require(
                    weightDecay >= 0 && weightDecay * rate(method) < 1,
                    "--weight-decay must be from 0 to less than 1 / rate = %s, but is %s",
                    1 / rate(method),
                    weightDecay);
        }
        options.require(
                validationShare >= 0 && validationShare < 1,
                "--validation-share must be 0 or more and less than 1, but is %s",
                validationShare);
        options.require(patience >= 0, "--patience must be 0 or more, but is %s", patience);
        options.require(patience == 0 || validationShare > 0, "--patience needs --validation-share");
    }

    long seed() {
        return seed;
    }

    /** 0 for no validation. */
    double validationShare() {
        return validationShare;
    }

    /** Makes a model keep what its frozen layers say, if it has any and will ask them again. */
    void cache(Method method, TextClassifier model) throws IOException {
        if (!noCache && epochs > 1 && method != Method.FULL) {
            model.cacheStates(Path.of(System.getProperty("java.io.tmpdir")), (long) CACHE_GIGABYTES << 30);
        }
    }

    TrainConfig config(Method method) {
        RateShape shape = switch (schedule) {
            case LINEAR -> RateShape.linear(warmUp);
            case COSINE -> RateShape.cosine(warmUp, 0);
            case CONSTANT -> RateShape.constant(warmUp);
        };
        return TrainConfig.defaults()
                .withWeightDecay(0) // the default decay would forbid very high rates
                .withEpochs(epochs)
                .withBatchSize(batch)
                .withAccumulation(accumulation)
                .withPeakRate(rate(method))
                .withRateShape(shape)
                .withWeightDecay(weightDecay)
                .withPatience(patience)
                .withSeed(seed);
    }

    private double rate(Method method) {
        return rate == null ? method.defaultRate() : rate;
    }
}
