package io.github.sherl4j.examples;

import io.github.sherl4j.backbone.ImageBackbone;
import io.github.sherl4j.backbone.TextBackbone;
import io.github.sherl4j.backbone.bert.BertBackbone;
import io.github.sherl4j.data.ImageBatch;
import io.github.sherl4j.data.TokenBatch;
import io.github.sherl4j.metric.RetrievalMetrics;
import io.github.sherl4j.nd.NativeMemory;
import io.github.sherl4j.route.TwoTowerModel;
import io.github.sherl4j.train.RateShape;
import io.github.sherl4j.train.TrainConfig;
import io.github.sherl4j.train.TrainReport;
import io.github.sherl4j.train.Trainer;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Finds emoji by their names and names by their pictures: SHERL on an image and a text network at once. */
@Command(
        name = "retrieve-images",
        abbreviateSynopsis = true,
        sortOptions = false,
        description = {
            "Adapts MiniLM and a ResNet so that pictures and texts that belong together get similar embeddings, by SHERL,"
                    + " by training the heads alone and by full fine-tuning, and compares recall, time and memory.",
            "The pictures are 1,611 emoji for training and 300 others for the test."
        })
public final class RetrieveImages implements Callable<Integer> {
    @Option(
            names = "--method",
            paramLabel = "METHOD",
            split = ",",
            description = "head, sherl or full. May be repeated (default: all three, in this order).")
    private List<Method> methods = new ArrayList<>();

    @Mixin
    private final ImageNetworkOptions network = new ImageNetworkOptions();

    @Option(
            names = "--text-model",
            paramLabel = "DIR",
            description = "Folder of a BERT as Hugging Face has it (default: all-MiniLM-L6-v2 from the class path).")
    private @Nullable Path textModel;

    @Option(
            names = "--epochs",
            paramLabel = "N",
            defaultValue = "10",
            description = "Passes over the training pairs (default: ${DEFAULT-VALUE}).")
    private int epochs = 10;

    @Option(
            names = "--batch",
            paramLabel = "N",
            defaultValue = "128",
            description = "Pairs in a training step; all others of a batch are a pair's negatives"
                    + " (default: ${DEFAULT-VALUE}).")
    private int batch = 128;

    @Option(
            names = "--part",
            paramLabel = "N",
            defaultValue = "32",
            description = "Pictures and texts computed at once: the same gradient in less memory"
                    + " (default: ${DEFAULT-VALUE}).")
    private int part = 32;

    @Option(
            names = "--rate",
            paramLabel = "RATE",
            description = "Highest learning rate (default: " + Rates.HEAD + " for head, " + Rates.SHERL + " for sherl, "
                    + Rates.FULL + " for full).")
    private @Nullable Double rate;

    @Option(
            names = "--embed",
            paramLabel = "WIDTH",
            defaultValue = "256",
            description = "Length of an embedding (default: ${DEFAULT-VALUE}).")
    private int embed = 256;

    @Option(
            names = "--temperature",
            paramLabel = "T",
            defaultValue = "0.07",
            description = "What similarities are divided by in the loss (default: ${DEFAULT-VALUE}).")
    private double temperature = 0.07;

    @Option(
            names = "--seed",
            paramLabel = "N",
            split = ",",
            description = "Seed of everything random; several give a result each (default: 0).")
    private List<Long> seeds = new ArrayList<>();

    @Option(names = "--limit", paramLabel = "N", description = "Train and test on the first N emoji of each part only.")
    private @Nullable Integer limit;

    @Option(names = "--json", paramLabel = "FILE", description = "Write the results to this file, too.")
    private @Nullable Path json;

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
        static final double HEAD = 3e-3;
        static final double SHERL = 1e-3;
        static final double FULL = 2e-4;

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
        Cli.main(new RetrieveImages(), arguments);
    }

    @Override
    public Integer call() throws IOException {
        check(new Options(spec));
        NativeMemory.initialize();
        Set<Method> chosen = methods.isEmpty() ? EnumSet.allOf(Method.class) : new LinkedHashSet<>(methods);
        PrintWriter out = spec.commandLine().getOut();
        EmojiData emoji = EmojiData.load();
        List<RetrievalResult> results = new ArrayList<>();
        for (long seed : seeds.isEmpty() ? List.of(0L) : seeds) {
            for (Method method : chosen) {
                results.add(run(method, seed, emoji));
            }
        }
        out.println(RetrievalResult.table(results));
        if (json != null) {
            ResultFile.writeRetrieval(json, network.name(), results);
        }
        return ExitCode.OK;
    }

    private RetrievalResult run(Method method, long seed, EmojiData emoji) throws IOException {
        try (TextBackbone texts = textModel == null ? MiniLm.load() : BertBackbone.load(textModel);
                ImageBackbone images = network.load(
                        method == Method.FULL, emoji, spec.commandLine().getErr())) {
            EmojiPairs train =
                    EmojiPairs.withKeywords(emoji, limited(emoji.train()), network.transform(), texts.tokenizer());
            EmojiPairs test = EmojiPairs.named(emoji, limited(emoji.test()), network.transform(), texts.tokenizer());
            TrainingMemory memory = TrainingMemory.start();
            RetrievalTowers towers = new RetrievalTowers(embed, temperature, network.taps());
            try (TwoTowerModel<ImageBatch, TokenBatch> model = towers.model(method, images, texts, seed);
                    ProgressListener progress = new ProgressListener(
                            method.toString(), spec.commandLine().getErr())) {
                TrainReport report = new Trainer(config(method, seed), memory, progress)
                        .fit(model, train.pairs().withParts(part, part), null);
                double peakMb = memory.peakMb(List.of(images, texts), model);
                var residentPeakMb = memory.residentPeakMb();
                return new RetrievalResult(
                        method,
                        seed,
                        measure(model, test),
                        model.parameters().count(),
                        report.secondsPerStep(),
                        peakMb,
                        residentPeakMb);
            }
        }
    }

    private RetrievalMetrics measure(TwoTowerModel<ImageBatch, TokenBatch> model, EmojiPairs test) {
        try (INDArray images = model.embedImages(test.pictures(), part);
                INDArray texts = model.embedTexts(test.texts(), part)) {
            return RetrievalMetrics.ofEmbeddings(images, texts, test.pictureOfText());
        }
    }

    private TrainConfig config(Method method, long seed) {
        return TrainConfig.defaults()
                .withEpochs(epochs)
                .withBatchSize(batch)
                .withPeakRate(rate == null ? Rates.of(method) : rate)
                .withRateShape(RateShape.cosine(0.1, 0))
                .withSeed(seed);
    }

    private List<Emoji> limited(List<Emoji> emoji) {
        return limit == null ? emoji : emoji.subList(0, Math.min(limit, emoji.size()));
    }

    private void check(Options options) {
        options.require(epochs >= 1, "--epochs must be at least 1, but is %s", epochs);
        options.require(
                batch >= 2, "--batch must be at least 2, since a single pair has no negatives, but is %s", batch);
        options.require(part >= 1, "--part must be at least 1, but is %s", part);
        options.require(embed >= 1, "--embed must be at least 1, but is %s", embed);
        options.require(temperature > 0, "--temperature must be positive, but is %s", temperature);
        options.require(
                rate == null || (rate > 0 && Double.isFinite(rate)), "--rate must be positive, but is %s", rate);
        options.require(limit == null || limit >= 2, "--limit must be at least 2, but is %s", limit);
        network.check(options);
    }
}
