package io.github.sherl4j.examples;

import io.github.sherl4j.backbone.resnet.ResNetBackbone;
import io.github.sherl4j.barlow.eval.AugmentedImages;
import io.github.sherl4j.barlow.eval.Features;
import io.github.sherl4j.barlow.eval.LinearProbe;
import io.github.sherl4j.barlow.pretrain.SavedEncoder;
import io.github.sherl4j.barlow.view.ViewRecipe;
import io.github.sherl4j.data.ImageBatch;
import io.github.sherl4j.data.ImageData;
import io.github.sherl4j.data.ImageTransform;
import io.github.sherl4j.nd.NativeMemory;
import io.github.sherl4j.route.Classifier;
import io.github.sherl4j.train.TrainConfig;
import java.io.IOException;
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

/** A linear probe of a pre-trained network, as the paper measures representations. */
@Command(
        name = "probe-encoder",
        abbreviateSynopsis = true,
        sortOptions = false,
        description = {
            "Trains logistic regression on the frozen features of a pre-trained ResNet, on those of the same network"
                    + " untrained, and on raw pixels, and compares accuracy on test pictures."
        })
public final class ProbeEncoder implements Callable<Integer> {
    @Mixin
    private final SavedEncoderOptions model = new SavedEncoderOptions();

    @Mixin
    private final PictureOptions pictures = new PictureOptions();

    @Option(
            names = "--epochs",
            paramLabel = "N",
            defaultValue = "100",
            description = "Passes over the features (default: ${DEFAULT-VALUE}).")
    private int epochs = 100;

    @Option(
            names = "--rate",
            paramLabel = "RATE",
            defaultValue = "0.3",
            description = "Highest learning rate on features (default: ${DEFAULT-VALUE}).")
    private double rate = 0.3;

    @Option(
            names = "--pixel-rate",
            paramLabel = "RATE",
            defaultValue = "0.003",
            description = "Highest learning rate on raw pixels, which are many and large (default: ${DEFAULT-VALUE}).")
    private double pixelRate = 0.003;

    @Option(
            names = "--augment",
            description =
                    "The paper's protocol to the letter: a crop and a flip of each picture in each epoch. The network"
                            + " runs in every epoch then, and pixels and the untrained network are left out.")
    private boolean augment;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "0",
            description = "Seed of everything random (default: ${DEFAULT-VALUE}).")
    private long seed;

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

    /** Runs the command, and ends the JVM if it fails. */
    public static void main(String[] arguments) {
        Cli.main(new ProbeEncoder(), arguments);
    }

    @Override
    public Integer call() throws IOException {
        Options options = new Options(spec);
        model.check(options);
        pictures.check(options);
        options.requireFile("--json", json);
        options.require(epochs >= 1, "--epochs must be at least 1, but is %s", epochs);
        options.require(rate > 0 && pixelRate > 0, "--rate and --pixel-rate must be positive");
        NativeMemory.initialize();
        SavedEncoder saved = model.read();
        Pictures data = pictures.load();
        ImageData train = data.trainData(saved.transform());
        ImageData test = data.testData(saved.transform());
        AccuracyTable table = new AccuracyTable("width");
        try (ResNetBackbone encoder = saved.load(model.folder())) {
            double accuracy = augment ? augmented(encoder, train, test) : probe(encoder, train, test);
            table.add("pre-trained", encoder.width(), accuracy);
        }
        if (!augment) {
            try (ResNetBackbone untrained = ResNetBackbone.random(saved.network(), DataType.FLOAT, seed)) {
                table.add("untrained", untrained.width(), probe(untrained, train, test));
            }
            ImageTransform transform = pictures.pixels(saved.transform());
            Features pixels = Features.pixels(data.trainData(transform));
            table.add(
                    "raw pixels", pixels.width(), probe(pixels, Features.pixels(data.testData(transform)), pixelRate));
        }
        spec.commandLine().getOut().println(table);
        if (json != null) {
            table.write(json, "linear probe");
        }
        return ExitCode.OK;
    }

    private double probe(ResNetBackbone encoder, ImageData train, ImageData test) {
        return probe(Features.of(encoder, train), Features.of(encoder, test), rate);
    }

    private double probe(Features train, Features test, double peakRate) {
        try (ProgressListener progress =
                        new ProgressListener("probe", spec.commandLine().getErr());
                LinearProbe probe = LinearProbe.fit(train, config(peakRate), progress)) {
            return probe.accuracy(test);
        }
    }

    private double augmented(ResNetBackbone encoder, ImageData train, ImageData test) {
        AugmentedImages crops = new AugmentedImages(
                train, ViewRecipe.cropAndFlip(train.transform().crop()));
        try (ProgressListener progress =
                        new ProgressListener("probe", spec.commandLine().getErr());
                Classifier<ImageBatch> classifier =
                        LinearProbe.fit(encoder, crops, train.labels(), config(rate), progress)) {
            return classifier.evaluate(test).accuracy();
        }
    }

    private TrainConfig config(double peakRate) {
        TrainConfig paper = LinearProbe.paper().withEpochs(epochs).withSeed(seed);
        return paper.withOptimizer(paper.optimizer(), peakRate);
    }
}
