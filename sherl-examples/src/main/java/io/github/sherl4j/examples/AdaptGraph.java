package io.github.sherl4j.examples;

import io.github.sherl4j.nd.NativeMemory;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.dataset.DataSet;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Adapts a Deeplearning4j network from five classes of pictures to five others, by SHERL and by Deeplearning4j's own ways. */
@Command(
        name = "adapt-graph",
        abbreviateSynopsis = true,
        sortOptions = false,
        description = {
            "Trains a small residual network of Deeplearning4j on classes 0 to 4 of Fashion-MNIST, adapts it to"
                    + " classes 5 to 9 by four methods, and compares accuracy, time and memory: a new head alone, SHERL,"
                    + " Deeplearning4j's transfer learning with everything up to the cut frozen, and its fine-tuning of"
                    + " everything."
        })
public final class AdaptGraph implements Callable<Integer> {
    @Option(
            names = "--data",
            paramLabel = "DIR",
            defaultValue = "/usr/share/datasets/fashion-mnist",
            description =
                    "Folder of the four IDX files, plain or .gz (default: ${DEFAULT-VALUE}, where Debian's package"
                            + " dataset-fashion-mnist puts them).")
    private Path data = Path.of("/usr/share/datasets/fashion-mnist");

    @Option(
            names = "--method",
            paramLabel = "METHOD",
            split = ",",
            description = "head, sherl, frozen or full. May be repeated (default: all four, in this order).")
    private List<GraphMethod> methods = new ArrayList<>();

    @Option(
            names = "--pretrain-pictures",
            paramLabel = "N",
            defaultValue = "4000",
            description = "Pictures of classes 0 to 4 to train the network on (default: ${DEFAULT-VALUE}).")
    private int pretrainPictures = 4_000;

    @Option(
            names = "--pretrain-epochs",
            paramLabel = "N",
            defaultValue = "2",
            description = "Passes over them (default: ${DEFAULT-VALUE}).")
    private int pretrainEpochs = 2;

    @Option(
            names = "--pictures",
            paramLabel = "N",
            defaultValue = "2000",
            description = "Pictures of classes 5 to 9 to adapt it to (default: ${DEFAULT-VALUE}).")
    private int pictures = 2_000;

    @Option(
            names = "--test-pictures",
            paramLabel = "N",
            defaultValue = "2000",
            description = "Pictures of each half of the classes to test on (default: ${DEFAULT-VALUE}).")
    private int testPictures = 2_000;

    @Option(
            names = "--epochs",
            paramLabel = "N",
            defaultValue = "3",
            description = "Passes over them (default: ${DEFAULT-VALUE}).")
    private int epochs = 3;

    @Option(
            names = "--batch",
            paramLabel = "N",
            defaultValue = "64",
            description = "Pictures in a training step (default: ${DEFAULT-VALUE}).")
    private int batch = 64;

    @Option(
            names = "--rate",
            paramLabel = "RATE",
            description = "Highest learning rate (default: " + GraphMethod.Rates.HEAD + " for head, "
                    + GraphMethod.Rates.SHERL + " for sherl, " + GraphMethod.Rates.FROZEN + " for frozen, "
                    + GraphMethod.Rates.FULL + " for full).")
    private @Nullable Double rate;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "0",
            description = "Seed of everything random (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(names = "--json", paramLabel = "FILE", description = "Write the results to this file, too.")
    private @Nullable Path json;

    @Option(
            names = "--export",
            paramLabel = "FILE",
            description =
                    "Write network, SHERL's adapter and head as one graph of Deeplearning4j, and test it again as read"
                            + " from this file.")
    private @Nullable Path export;

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
        Cli.main(new AdaptGraph(), arguments);
    }

    @Override
    public Integer call() throws IOException {
        Set<GraphMethod> chosen = methods.isEmpty() ? EnumSet.allOf(GraphMethod.class) : new LinkedHashSet<>(methods);
        check(new Options(spec), chosen);
        NativeMemory.initialize();
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        FashionData fashion = FashionData.read(data);
        ComputationGraph network = GraphExperiment.pretrained(
                fashion.side(),
                fashion.training(FashionData.Half.OLD, pretrainPictures, batch, seed),
                pretrainEpochs,
                seed,
                err);
        out.printf(
                Locale.ROOT,
                "The network finds %.4f of the test pictures of the classes it was made on%n",
                GraphExperiment.accuracy(network, fashion.testing(FashionData.Half.OLD, testPictures, batch, seed)));
        List<DataSet> test = fashion.testing(FashionData.Half.NEW, testPictures, batch, seed);
        GraphExperiment experiment = new GraphExperiment(
                network, fashion.training(FashionData.Half.NEW, pictures, batch, seed), test, epochs, seed, err);
        List<AccuracyResult> results = new ArrayList<>();
        for (GraphMethod method : chosen) {
            results.add(experiment.run(method, rate == null ? method.defaultRate() : rate, export));
        }
        out.println(AccuracyResult.table(results));
        if (json != null) {
            ResultFile.writeAccuracies(json, "fashion-mnist", null, seed, results);
        }
        if (export != null) {
            ComputationGraph read = ComputationGraph.load(export.toFile(), false);
            out.printf(
                    Locale.ROOT,
                    "%s, read by Deeplearning4j alone, finds %.4f of the test pictures%n",
                    export,
                    GraphExperiment.accuracy(read, test));
        }
        return ExitCode.OK;
    }

    private void check(Options options, Set<GraphMethod> chosen) {
        options.require(Files.isDirectory(data), "--data must be a folder, but is %s", data);
        options.require(pretrainPictures >= 1, "--pretrain-pictures must be at least 1, but is %s", pretrainPictures);
        options.require(pretrainEpochs >= 1, "--pretrain-epochs must be at least 1, but is %s", pretrainEpochs);
        options.require(pictures >= 1, "--pictures must be at least 1, but is %s", pictures);
        options.require(testPictures >= 1, "--test-pictures must be at least 1, but is %s", testPictures);
        options.require(epochs >= 1, "--epochs must be at least 1, but is %s", epochs);
        options.require(batch >= 2, "--batch must be at least 2, since batch norms need several, but is %s", batch);
        options.require(
                rate == null || (rate > 0 && Double.isFinite(rate)), "--rate must be positive, but is %s", rate);
        options.onlyIf(chosen.contains(GraphMethod.SHERL), "--export", "--method sherl");
        options.requireFile("--json", json);
        options.requireFile("--export", export);
    }
}
