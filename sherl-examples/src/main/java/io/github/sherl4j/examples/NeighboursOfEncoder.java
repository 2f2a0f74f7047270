package io.github.sherl4j.examples;

import io.github.sherl4j.backbone.resnet.ResNetBackbone;
import io.github.sherl4j.barlow.eval.Features;
import io.github.sherl4j.barlow.eval.NearestNeighbours;
import io.github.sherl4j.barlow.pretrain.SavedEncoder;
import io.github.sherl4j.data.ImageData;
import io.github.sherl4j.data.ImageTransform;
import io.github.sherl4j.nd.NativeMemory;
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

/** Nearest neighbours of a pre-trained network's features. */
@Command(
        name = "neighbours-of-encoder",
        abbreviateSynopsis = true,
        sortOptions = false,
        description = {
            "Finds the class of test pictures by their nearest neighbours, by the features of a pre-trained ResNet, by"
                    + " those of the same network untrained, and by raw pixels."
        })
public final class NeighboursOfEncoder implements Callable<Integer> {
    @Mixin
    private final SavedEncoderOptions model = new SavedEncoderOptions();

    @Mixin
    private final PictureOptions pictures = new PictureOptions();

    @Option(
            names = "--neighbours",
            paramLabel = "K",
            defaultValue = "20",
            description = "How many vote (default: ${DEFAULT-VALUE}).")
    private int neighbours = 20;

    @Option(
            names = "--temperature",
            paramLabel = "T",
            defaultValue = "0.07",
            description = "A vote's weight is exp(cosine similarity / T) (default: ${DEFAULT-VALUE}).")
    private double temperature = 0.07;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "0",
            description = "Seed of the untrained network (default: ${DEFAULT-VALUE}).")
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
        Cli.main(new NeighboursOfEncoder(), arguments);
    }

    @Override
    public Integer call() throws IOException {
        Options options = new Options(spec);
        model.check(options);
        pictures.check(options);
        options.requireFile("--json", json);
        options.require(neighbours >= 1, "--neighbours must be at least 1, but is %s", neighbours);
        options.require(temperature > 0, "--temperature must be positive, but is %s", temperature);
        NativeMemory.initialize();
        SavedEncoder saved = model.read();
        Pictures data = pictures.load();
        ImageData train = data.trainData(saved.transform());
        ImageData test = data.testData(saved.transform());
        AccuracyTable table = new AccuracyTable("width");
        try (ResNetBackbone encoder = saved.load(model.folder());
                ResNetBackbone untrained = ResNetBackbone.random(saved.network(), DataType.FLOAT, seed)) {
            measure(table, "pre-trained", Features.of(encoder, train), Features.of(encoder, test));
            measure(table, "untrained", Features.of(untrained, train), Features.of(untrained, test));
        }
        ImageTransform transform = pictures.pixels(saved.transform());
        measure(
                table,
                "raw pixels",
                Features.pixels(data.trainData(transform)),
                Features.pixels(data.testData(transform)));
        spec.commandLine().getOut().println(table);
        if (json != null) {
            table.write(json, "nearest neighbours");
        }
        return ExitCode.OK;
    }

    private void measure(AccuracyTable table, String name, Features train, Features test) {
        table.add(name, train.width(), new NearestNeighbours(train, neighbours, temperature).accuracy(test));
    }
}
