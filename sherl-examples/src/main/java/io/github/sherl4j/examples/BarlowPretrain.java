package io.github.sherl4j.examples;

import io.github.sherl4j.backbone.resnet.ResNetBackbone;
import io.github.sherl4j.backbone.resnet.ResNetConfig;
import io.github.sherl4j.barlow.BarlowModel;
import io.github.sherl4j.barlow.pretrain.PretrainConfig;
import io.github.sherl4j.barlow.pretrain.Pretraining;
import io.github.sherl4j.barlow.pretrain.SavedEncoder;
import io.github.sherl4j.barlow.pretrain.SuggestedSettings;
import io.github.sherl4j.barlow.view.ContactSheet;
import io.github.sherl4j.data.ImageData;
import io.github.sherl4j.data.ImageTransform;
import io.github.sherl4j.nd.NativeMemory;
import io.github.sherl4j.nd.Rng;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Pre-trains a residual network on pictures without labels, by Barlow Twins. */
@Command(
        name = "barlow-pretrain",
        abbreviateSynopsis = true,
        sortOptions = false,
        description = {
            "Pre-trains a ResNet on pictures without labels by Barlow Twins, and saves it.",
            "Without options: a small ResNet learns from 1,611 emoji, and is tested on 300 others."
        })
public final class BarlowPretrain implements Callable<Integer> {
    private static final int WATCHED_TRAIN = 5000;
    private static final int WATCHED_TEST = 2000;
    private static final int SHEET_PICTURES = 8;
    private static final int SHEET_PAIRS = 4;
    private static final long PROJECTOR_USE = 1;

    @Mixin
    private final PictureOptions pictures = new PictureOptions();

    @Mixin
    private final EncoderOptions encoder = new EncoderOptions();

    @Mixin
    private final PretrainOptions train = new PretrainOptions();

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description =
                    "Where network, checkpoint, history.tsv and curves.png are written (default: barlow-twins in the"
                            + " system's temporary folder).")
    private @Nullable Path out;

    @Option(
            names = "--resume",
            description = "Go on from the checkpoint in --out: the result is the same to the last bit.")
    private boolean resume;

    @Option(
            names = "--measure-every",
            paramLabel = "N",
            defaultValue = "5",
            description = "Epochs between two measures of accuracy, where there are labels; 0 for none"
                    + " (default: ${DEFAULT-VALUE}).")
    private int measureEvery = 5;

    @Option(
            names = "--show-views",
            paramLabel = "FILE.png",
            description = "Only draw what the recipe does to the first pictures, and train nothing.")
    private @Nullable Path showViews;

    @Option(
            names = "--suggest",
            description = "Only print the published settings for --batch and --projector, and train nothing.")
    private boolean suggest;

    @SuppressWarnings("unused") // picocli prints the help
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    private boolean help;

    @SuppressWarnings("NullAway.Init") // picocli sets it before the call
    @Spec
    private CommandSpec spec;

    /** Runs the command, and ends the JVM if it fails. */
    public static void main(String[] arguments) {
        Cli.main(new BarlowPretrain(), arguments);
    }

    @Override
    public Integer call() throws IOException {
        check(new Options(spec));
        PrintWriter print = spec.commandLine().getOut();
        if (suggest) {
            int width = train.projector().get(train.projector().size() - 1);
            print.println(SuggestionTable.of(train.batch(), width, SuggestedSettings.of(train.batch(), width)));
            return ExitCode.OK;
        }
        NativeMemory.initialize();
        Pictures data = pictures.load();
        PretrainConfig config = train.config(pictures.size(), pictures.norm());
        if (showViews != null) {
            ContactSheet.write(showViews, data.pretrain(), config.views(), SHEET_PICTURES, SHEET_PAIRS, train.seed());
            print.printf("The views of the first pictures are in %s%n", showViews);
            return ExitCode.OK;
        }
        pretrain(data, config, print);
        return ExitCode.OK;
    }

    private void pretrain(Pictures data, PretrainConfig config, PrintWriter print) throws IOException {
        Path folder = folder();
        Files.createDirectories(folder);
        ResNetConfig network = encoder.config(pictures.size());
        ImageTransform transform = train.transform(pictures.size(), pictures.norm());
        ResNetBackbone backbone = ResNetBackbone.random(network, DataType.FLOAT, train.seed());
        try (BarlowModel model = BarlowModel.of(
                        backbone,
                        train.projector(),
                        train.loss(),
                        train.part(),
                        Rng.derive(train.seed(), PROJECTOR_USE));
                ProgressListener progress =
                        new ProgressListener("Barlow Twins", spec.commandLine().getErr())) {
            print.printf(
                    "%,d pictures of %s, %,d parameters, %d epochs in batches of %d%n",
                    data.pretrain().size(), pictures.name(), model.parameters().count(), train.epochs(), train.batch());
            PretrainHistory history = new PretrainHistory(folder.resolve("history.tsv"), resume);
            PretrainWatch watch =
                    new PretrainWatch(model, labelled(data, transform), history, folder.resolve("curves.png"), print);
            Pretraining pretraining = new Pretraining(config, progress, watch);
            Path checkpoint = folder.resolve("checkpoint.safetensors");
            if (resume) {
                pretraining.resume(model, data.pretrain(), checkpoint);
            } else {
                pretraining.run(model, data.pretrain(), checkpoint);
            }
            new SavedEncoder(network, transform).write(folder, backbone);
        }
        if (data.pretrain().skipped() > 0) {
            print.printf(
                    "%,d pictures were damaged and left out%n", data.pretrain().skipped());
        }
        print.printf("The network is in %s, beside its checkpoint, history.tsv and curves.png%n", folder);
    }

    private PretrainWatch.@Nullable Labelled labelled(Pictures data, ImageTransform transform) {
        if (measureEvery == 0 || data.test() == null) {
            return null;
        }
        ImageData known = data.trainData(transform).limit(WATCHED_TRAIN, train.seed());
        ImageData asked = data.testData(transform).limit(WATCHED_TEST, train.seed());
        return new PretrainWatch.Labelled(known, asked, measureEvery);
    }

    private void check(Options options) {
        pictures.check(options);
        encoder.check(options);
        train.check(options);
        options.require(measureEvery >= 0, "--measure-every must not be negative, but is %s", measureEvery);
        options.require(!suggest || showViews == null, "--suggest and --show-views exclude each other");
        options.requireFile("--show-views", showViews);
        options.requireFolder("--out", out);
        options.require(
                !resume || Files.exists(folder().resolve("checkpoint.safetensors")),
                "--resume needs a checkpoint, but %s has none",
                folder());
    }

    private Path folder() {
        return out == null ? Path.of(System.getProperty("java.io.tmpdir"), "barlow-twins") : out;
    }
}
