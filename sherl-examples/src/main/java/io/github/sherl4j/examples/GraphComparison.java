package io.github.sherl4j.examples;

import io.github.sherl4j.backbone.dl4j.GraphBackbone;
import io.github.sherl4j.backbone.dl4j.GraphCut;
import io.github.sherl4j.data.GraphBatch;
import io.github.sherl4j.nd.NativeMemory;
import io.github.sherl4j.route.GraphModel;
import io.github.sherl4j.route.GraphTask;
import io.github.sherl4j.train.TrainConfig;
import io.github.sherl4j.train.Trainer;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.deeplearning4j.nn.transferlearning.TransferLearning;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Time and memory of a training step of a Deeplearning4j ResNet-50 on random pictures: SHERL, Deeplearning4j's transfer
 * learning with everything before the cut frozen, and its full fine-tuning. The cut is before the last block.
 */
@Command(
        name = "GraphComparison",
        mixinStandardHelpOptions = true,
        description = "Compares a training step of SHERL with Deeplearning4j's own on a ResNet-50.")
final class GraphComparison implements Callable<Integer> {
    private static final String CUT = "res5b_branch";
    private static final String[] TAPS = {"res2c_branch", "res3d_branch", "res4f_branch"};
    private static final double RATE = 1e-4;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(
            names = "--size",
            defaultValue = "128",
            description = "Height and width of the pictures (${DEFAULT-VALUE}).")
    private int size;

    @Option(names = "--batch", defaultValue = "4", description = "Pictures in a step (${DEFAULT-VALUE}).")
    private int batch;

    @Option(names = "--classes", defaultValue = "10", description = "Classes (${DEFAULT-VALUE}).")
    private int classes;

    @Option(names = "--rounds", defaultValue = "7", description = "Steps measured (${DEFAULT-VALUE}).")
    private int rounds;

    @Option(names = "--warm-up", defaultValue = "3", description = "Steps before them (${DEFAULT-VALUE}).")
    private int warmUp;

    /** Prints a line for each method. */
    public static void main(String[] arguments) {
        Cli.main(new GraphComparison(), arguments);
    }

    /** What one method came to; memory beyond weights in megabytes. */
    private record Result(String method, double medianMs, double arraysMb, double residentMb) {
        static Result of(String method, StepMeter meter, long weights) {
            return new Result(
                    method,
                    meter.medianSeconds() * 1000,
                    meter.peakMb(weights),
                    meter.residentPeakMb(weights).orElse(Double.NaN));
        }
    }

    @Override
    public Integer call() {
        NativeMemory.initialize();
        List<Result> results = new ArrayList<>();
        results.add(sherl());
        results.add(frozen());
        results.add(full());
        PrintWriter out = spec.commandLine().getOut();
        out.printf("method  ms/step  arrays MB  resident MB%n");
        for (Result result : results) {
            out.printf(
                    Locale.ROOT,
                    "%-6s %8.0f %10.1f %12.1f%n",
                    result.method,
                    result.medianMs,
                    result.arraysMb,
                    result.residentMb);
        }
        out.flush();
        return 0;
    }

    private Result sherl() {
        DataSet data = data();
        ComputationGraph network = ResNetGraph.create(size, classes, new Adam(RATE), 1);
        StepMeter meter = new StepMeter(warmUp);
        try (GraphBackbone backbone = GraphBackbone.of(network, GraphCut.at(CUT).tapping(TAPS));
                GraphModel model = GraphModel.sherl(backbone, GraphBatch.of(data), 4, GraphTask.CLASSES, 1)) {
            ListDataSetIterator<DataSet> steps = new ListDataSetIterator<>(
                    Collections.nCopies(warmUp + rounds, data).stream()
                            .flatMap(each -> each.asList().stream())
                            .toList(),
                    batch);
            TrainConfig config = TrainConfig.defaults()
                    .withEpochs(1)
                    .withKeepBest(false)
                    .withPeakRate(RATE)
                    .withClipNorm(0)
                    .withWeightDecay(0);
            new Trainer(config, meter).fit(model, steps, null);
            long weights = model.parameters().count() * Float.BYTES;
            return Result.of("sherl", meter, weights);
        } finally {
            network.close();
        }
    }

    private Result frozen() {
        ComputationGraph network = ResNetGraph.create(size, classes, new Adam(RATE), 1);
        ComputationGraph tuned = new TransferLearning.GraphBuilder(network)
                .fineTuneConfiguration(new FineTuneConfiguration.Builder()
                        .updater(new Adam(RATE))
                        .build())
                .setFeatureExtractor(CUT)
                .build();
        try {
            return fit("frozen", tuned);
        } finally {
            tuned.close();
            network.close();
        }
    }

    private Result full() {
        ComputationGraph network = ResNetGraph.create(size, classes, new Adam(RATE), 1);
        try {
            return fit("full", network);
        } finally {
            network.close();
        }
    }

    private Result fit(String method, ComputationGraph network) {
        DataSet data = data();
        StepMeter meter = new StepMeter(warmUp);
        for (int i = 0; i < warmUp + rounds; i++) {
            meter.time(() -> network.fit(data));
        }
        return Result.of(method, meter, 0);
    }

    private DataSet data() {
        Nd4j.getRandom().setSeed(1);
        INDArray labels = Nd4j.create(DataType.FLOAT, batch, classes);
        for (int i = 0; i < batch; i++) {
            labels.putScalar(i, i % classes, 1);
        }
        return new DataSet(Nd4j.rand(DataType.FLOAT, batch, 3, size, size), labels);
    }
}
