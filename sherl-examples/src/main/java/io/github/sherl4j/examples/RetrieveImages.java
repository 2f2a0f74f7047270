package io.github.sherl4j.examples;

import io.github.sherl4j.backbone.ImageBackbone;
import io.github.sherl4j.backbone.TextBackbone;
import io.github.sherl4j.backbone.bert.BertBackbone;
import io.github.sherl4j.barlow.pretrain.SavedEncoder;
import io.github.sherl4j.data.ImageBatch;
import io.github.sherl4j.data.ImageTransform;
import io.github.sherl4j.data.TokenBatch;
import io.github.sherl4j.nd.NativeMemory;
import io.github.sherl4j.route.TwoTowerModel;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
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

/** Finds emoji by their names and names by their pictures: SHERL on an image and a text network at once. */
@Command(
        name = "retrieve-images",
        abbreviateSynopsis = true,
        sortOptions = false,
        description = {
            "Adapts a ResNet, or MiniLM, or both, so that pictures and texts that belong together get similar embeddings, by"
                    + " SHERL, by training the heads alone and by full fine-tuning, and compares recall, time and memory.",
            "The pictures are 1,611 emoji for training and 300 others for the test."
        })
public final class RetrieveImages implements Callable<Integer> {
    @Mixin
    private final PairOptions training = new PairOptions(10, 128, 32);

    @Mixin
    private final ImageNetworkOptions network = new ImageNetworkOptions();

    @Option(
            names = "--text-model",
            paramLabel = "DIR",
            description = "Folder of a BERT as Hugging Face has it (default: all-MiniLM-L6-v2 from the class path).")
    private @Nullable Path textModel;

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
            names = "--adapt",
            paramLabel = "SIDE",
            split = ",",
            description =
                    "Networks that SHERL adapts: ${COMPLETION-CANDIDATES}, or both; the other one has its head alone"
                            + " (default: images, since few short texts teach MiniLM nothing).")
    private Set<RetrievalTowers.Side> adapted = EnumSet.of(RetrievalTowers.Side.IMAGES);

    @Option(names = "--limit", paramLabel = "N", description = "Train and test on the first N emoji of each part only.")
    private @Nullable Integer limit;

    @SuppressWarnings("unused") // picocli prints the help
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    private boolean help;

    @SuppressWarnings("NullAway.Init") // picocli sets it before the call
    @Spec
    private CommandSpec spec;

    /** The peak learning rates of AdamW unless the user gives another. */
    private static final class Rates {
        static final double HEAD = 3e-3;
        static final double SHERL = 3e-3;
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
        PrintWriter out = spec.commandLine().getOut();
        EmojiData emoji = EmojiData.load();
        List<RetrievalResult> results = new ArrayList<>();
        for (long seed : training.seeds()) {
            for (Method method : training.methods()) {
                results.add(run(method, seed, emoji));
            }
        }
        out.println(RetrievalResult.table(results));
        training.write("emoji", network.name(), results);
        return ExitCode.OK;
    }

    private RetrievalResult run(Method method, long seed, EmojiData emoji) throws IOException {
        PrintWriter err = spec.commandLine().getErr();
        SavedEncoder encoder = network.encoder();
        ImageTransform transform = encoder.transform();
        try (TextBackbone texts = textModel == null ? MiniLm.load() : BertBackbone.load(textModel);
                ImageBackbone images = network.load(encoder.network(), method == Method.FULL)) {
            EmojiPairs train = EmojiPairs.withKeywords(emoji, limited(emoji.train()), transform, texts.tokenizer());
            EmojiPairs test = EmojiPairs.named(emoji, limited(emoji.test()), transform, texts.tokenizer());
            TrainingMemory memory = TrainingMemory.start();
            RetrievalTowers towers =
                    new RetrievalTowers(embed, temperature, encoder.network().stageTaps(), adapted);
            try (TwoTowerModel<ImageBatch, TokenBatch> model = towers.model(method, images, texts, seed)) {
                return new RetrievalRun<>(method, seed, images, texts, towers.loss(), Rates.of(method))
                        .of(
                                model,
                                train.pairs(),
                                new RetrievalRun.Test<>(test.pictures(), test.texts(), test.pictureOfText()),
                                training,
                                memory,
                                err);
            }
        }
    }

    private List<Emoji> limited(List<Emoji> emoji) {
        return limit == null ? emoji : emoji.subList(0, Math.min(limit, emoji.size()));
    }

    private void check(Options options) {
        training.check(options);
        options.require(embed >= 1, "--embed must be at least 1, but is %s", embed);
        options.require(temperature > 0, "--temperature must be positive, but is %s", temperature);
        options.require(limit == null || limit >= 2, "--limit must be at least 2, but is %s", limit);
        options.require(
                training.save() == null || adapted.size() == RetrievalTowers.Side.values().length,
                "--save needs --adapt images,texts, since a head without an adapter has no file, but --adapt is %s",
                adapted);
        network.check(options);
    }
}
