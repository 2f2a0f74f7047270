package io.github.sherl4j.examples;

import io.github.sherl4j.backbone.t5.T5Backbone;
import io.github.sherl4j.backbone.t5.T5Taps;
import io.github.sherl4j.data.SequenceExample;
import io.github.sherl4j.nd.NativeMemory;
import io.github.sherl4j.route.EncoderDecoderConfig;
import io.github.sherl4j.route.SequenceModel;
import io.github.sherl4j.route.SequenceOptions;
import io.github.sherl4j.route.SherlSequenceModel;
import io.github.sherl4j.train.RateShape;
import io.github.sherl4j.train.TrainConfig;
import io.github.sherl4j.train.TrainReport;
import io.github.sherl4j.train.Trainer;
import io.github.sherl4j.tuning.SequenceFullTuning;
import io.github.sherl4j.tuning.SequenceHeadOnly;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Adapts a T5 to a task of turning texts into texts by several methods, and compares them. */
@Command(
        name = "adapt-t5",
        abbreviateSynopsis = true,
        sortOptions = false,
        description = {
            "Adapts a T5 by SHERL, by training its head alone (the decoder's last norm and the output table, as"
                    + " copies) and by full fine-tuning, and compares exact matches, time and memory.",
            "Without options: a small T5 first learns to copy and to reverse made-up words and to say their first and"
                    + " last letters, is frozen, and is then adapted to say whether a word ends as it begins."
        })
public final class AdaptT5 implements Callable<Integer> {
    private static final int PRE_TRAINING = 80_000;

    @Option(
            names = "--method",
            paramLabel = "METHOD",
            split = ",",
            description = "head, sherl or full. May be repeated (default: all three, in this order).")
    private List<Method> methods = new ArrayList<>();

    @Option(
            names = "--model",
            paramLabel = "DIR",
            description =
                    "Folder of a T5 with config.json, model.safetensors and tokenizer.json, as Hugging Face has it"
                            + " (default: a small network that is trained first).")
    private @Nullable Path model;

    @Option(
            names = "--pretrain",
            paramLabel = "N",
            defaultValue = "" + PRE_TRAINING,
            description = "Texts that the small network is trained on first (default: ${DEFAULT-VALUE}).")
    private int preTraining = PRE_TRAINING;

    @Mixin
    private final SequenceTaskOptions task = new SequenceTaskOptions();

    @Option(
            names = "--max-source",
            paramLabel = "TOKENS",
            description = "Longer texts are cut (default: 12 for letters, else 128).")
    private @Nullable Integer maxSource;

    @Option(
            names = "--max-target",
            paramLabel = "TOKENS",
            description = "Longer targets are refused (default: 9 for letters, else 32).")
    private @Nullable Integer maxTarget;

    @Option(
            names = "--reduction",
            paramLabel = "FACTOR",
            description = "SHERL's adapters are this many times narrower than the network (default: 1 for the small"
                    + " network, else 4).")
    private @Nullable Double reduction;

    @Option(
            names = "--epochs",
            paramLabel = "N",
            defaultValue = "10",
            description = "Passes over the training texts (default: ${DEFAULT-VALUE}).")
    private int epochs = 10;

    @Option(
            names = "--batch",
            paramLabel = "N",
            defaultValue = "32",
            description = "Texts in a training step (default: ${DEFAULT-VALUE}).")
    private int batch = 32;

    @Option(
            names = "--rate",
            paramLabel = "RATE",
            description = "Highest learning rate (default: " + Rates.HEAD + " for head, " + Rates.SHERL + " for sherl, "
                    + Rates.FULL + " for full).")
    private @Nullable Double rate;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "0",
            description = "Seed of everything random (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(names = "--json", paramLabel = "FILE", description = "Write the results to this file, too.")
    private @Nullable Path json;

    @Option(names = "--save", paramLabel = "DIR", description = "Save SHERL's adapters to this folder.")
    private @Nullable Path save;

    @SuppressWarnings("unused") // picocli prints the help
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    private boolean help;

    @SuppressWarnings("NullAway.Init") // picocli sets it before the call
    @Spec
    private CommandSpec spec;

    /** The peak learning rates of AdamW unless the user gives another, as constants for the help. */
    private static final class Rates {
        static final double HEAD = 1e-2;
        static final double SHERL = 3e-3;
        static final double FULL = 1e-3;

        static double of(Method method) {
            return switch (method) {
                case HEAD -> HEAD;
                case SHERL -> SHERL;
                case FULL -> FULL;
            };
        }
    }

    /** Runs the command, and ends the JVM if it fails. */
    public static void main(String[] arguments) {
        Cli.main(new AdaptT5(), arguments);
    }

    @Override
    public Integer call() throws IOException {
        Set<Method> chosen = Method.chosen(methods);
        check(new Options(spec), chosen.contains(Method.SHERL));
        NativeMemory.initialize();
        if (model != null) {
            compare(chosen, model, model.toString());
            return ExitCode.OK;
        }
        try (TemporaryFolder folder = TemporaryFolder.create("small-t5")) {
            double learned;
            try (ProgressListener progress =
                    new ProgressListener("pre-training", spec.commandLine().getErr())) {
                learned = SmallT5.train(folder.path(), preTraining, seed, progress);
            }
            spec.commandLine().getOut().printf("Pre-training: %.1f%% of other words right%n", 100 * learned);
            compare(chosen, folder.path(), "small");
        }
        return ExitCode.OK;
    }

    private void compare(Set<Method> chosen, Path folder, String network) throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        SequenceTask texts = task.load(seed);
        out.printf(
                "Task %s: %d training texts, %d test texts; network %s%n",
                texts.name(), texts.train().size(), texts.test().size(), network);
        List<AccuracyResult> results = new ArrayList<>();
        for (Method method : chosen) {
            results.add(run(method, folder, texts));
        }
        out.println(AccuracyResult.table(results));
        if (json != null) {
            ResultFile.writeAccuracies(json, texts.name(), network, seed, results);
        }
    }

    private AccuracyResult run(Method method, Path folder, SequenceTask texts) throws IOException {
        try (T5Backbone t5 = T5Backbone.load(folder)) {
            TrainingMemory memory = TrainingMemory.start();
            try (SequenceModel adapted = adapted(method, t5);
                    ProgressListener progress = new ProgressListener(
                            method.toString(), spec.commandLine().getErr())) {
                TrainReport report = new Trainer(config(method), memory, progress)
                        .fit(adapted, adapted.tokenize(texts.train()), null);
                double peakMb = memory.peakMb(adapted, t5.parameters());
                var residentPeakMb = memory.residentPeakMb();
                if (save != null && adapted instanceof SherlSequenceModel sherl) {
                    sherl.save(save);
                }
                examples(method, adapted, texts.test());
                return new AccuracyResult(
                        method.toString(),
                        adapted.exactMatches(texts.test()),
                        adapted.parameters().count(),
                        report.secondsPerStep(),
                        peakMb,
                        residentPeakMb);
            }
        }
    }

    private void examples(Method method, SequenceModel adapted, List<SequenceExample> test) {
        List<SequenceExample> few = test.subList(0, Math.min(3, test.size()));
        List<String> said =
                adapted.predict(few.stream().map(SequenceExample::source).toList());
        for (int i = 0; i < few.size(); i++) {
            spec.commandLine()
                    .getOut()
                    .printf("%s: \"%s\" -> \"%s\"%n", method, few.get(i).source(), said.get(i));
        }
    }

    private SequenceModel adapted(Method method, T5Backbone t5) {
        SequenceOptions lengths = model == null ? SmallT5.lengths() : SequenceOptions.defaults();
        lengths = maxSource == null ? lengths : lengths.withMaxSourceTokens(maxSource);
        lengths = maxTarget == null ? lengths : lengths.withMaxTargetTokens(maxTarget);
        T5Taps taps = T5Taps.published(t5.config());
        double factor = reduction != null ? reduction : model == null ? 1 : 4;
        return switch (method) {
            case HEAD -> SequenceHeadOnly.model(t5, lengths);
            case SHERL ->
                SherlSequenceModel.of(
                        t5,
                        EncoderDecoderConfig.defaults()
                                .withReduction(factor)
                                .withTaps(taps.encoder(), taps.decoder())
                                .withSeed(seed),
                        lengths);
            case FULL -> SequenceFullTuning.model(t5, lengths);
        };
    }

    private TrainConfig config(Method method) {
        return TrainConfig.defaults()
                .withWeightDecay(0)
                .withEpochs(epochs)
                .withBatchSize(batch)
                .withPeakRate(rate == null ? Rates.of(method) : rate)
                .withRateShape(RateShape.linear(0.1))
                .withSeed(seed);
    }

    private void check(Options options, boolean withSherl) {
        task.check(options, model != null);
        options.onlyIf(model == null, "--pretrain", "no --model");
        options.require(preTraining >= 1, "--pretrain must be at least 1, but is %s", preTraining);
        options.onlyIf(withSherl, "--reduction", "--method sherl");
        options.onlyIf(withSherl, "--save", "--method sherl");
        options.require(
                reduction == null || (reduction > 0 && Double.isFinite(reduction)),
                "--reduction must be positive, but is %s",
                reduction);
        options.require(epochs >= 1, "--epochs must be at least 1, but is %s", epochs);
        options.require(batch >= 1, "--batch must be at least 1, but is %s", batch);
        options.require(
                rate == null || (rate > 0 && Double.isFinite(rate)), "--rate must be positive, but is %s", rate);
        options.requireFile("--json", json);
        options.requireFolder("--save", save);
    }
}
