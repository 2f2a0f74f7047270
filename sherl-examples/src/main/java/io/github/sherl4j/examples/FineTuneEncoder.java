package io.github.sherl4j.examples;

import io.github.sherl4j.backbone.resnet.ResNetBackbone;
import io.github.sherl4j.barlow.eval.AugmentedImages;
import io.github.sherl4j.barlow.eval.FineTuning;
import io.github.sherl4j.barlow.pretrain.SavedEncoder;
import io.github.sherl4j.barlow.view.ViewRecipe;
import io.github.sherl4j.data.ImageBatch;
import io.github.sherl4j.data.ImageData;
import io.github.sherl4j.nd.NativeMemory;
import io.github.sherl4j.route.Classifier;
import io.github.sherl4j.train.TrainConfig;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Fine-tuning of a pre-trained network with few labels, against training from scratch. */
@Command(
        name = "fine-tune-encoder",
        abbreviateSynopsis = true,
        sortOptions = false,
        description = {
            "Draws a share of the labels, so that each class keeps its own, and trains with them a pre-trained ResNet"
                    + " and the same network from scratch; compares accuracy on test pictures."
        })
public final class FineTuneEncoder implements Callable<Integer> {
    @Mixin
    private final SavedEncoderOptions model = new SavedEncoderOptions();

    @Mixin
    private final PictureOptions pictures = new PictureOptions();

    @Option(
            names = "--share",
            paramLabel = "SHARE",
            defaultValue = "0.01",
            description = "Share of the labels, above 0 and at most 1 (default: ${DEFAULT-VALUE}).")
    private double share = 0.01;

    @Option(
            names = "--draws",
            paramLabel = "N",
            defaultValue = "3",
            description = "How often labels are drawn (default: ${DEFAULT-VALUE}).")
    private int draws = 3;

    @Option(
            names = "--epochs",
            paramLabel = "N",
            defaultValue = "20",
            description = "Passes over the labelled pictures (default: ${DEFAULT-VALUE}).")
    private int epochs = 20;

    @Option(
            names = "--batch",
            paramLabel = "N",
            defaultValue = "256",
            description = "Pictures in a step (default: ${DEFAULT-VALUE}).")
    private int batch = 256;

    @Option(
            names = "--head-rate",
            paramLabel = "RATE",
            defaultValue = "0.5",
            description = "Highest learning rate of the head (default: ${DEFAULT-VALUE}).")
    private double headRate = 0.5;

    @Option(
            names = "--encoder-rate",
            paramLabel = "RATE",
            defaultValue = "0.005",
            description = "Highest learning rate of the pre-trained network (default: ${DEFAULT-VALUE}).")
    private double encoderRate = 0.005;

    @Option(
            names = "--scratch-rate",
            paramLabel = "RATE",
            defaultValue = "0.1",
            description = "Highest learning rate of all of the network from scratch (default: ${DEFAULT-VALUE}).")
    private double scratchRate = 0.1;

    @Option(
            names = "--least-crop",
            paramLabel = "SHARE",
            defaultValue = "0.3",
            description = "Smallest share of a picture in a crop; the paper's is 0.08 (default: ${DEFAULT-VALUE}).")
    private double leastCrop = 0.3;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "0",
            description = "Seed of the first draw; the others follow (default: ${DEFAULT-VALUE}).")
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
        Cli.main(new FineTuneEncoder(), arguments);
    }

    @Override
    public Integer call() throws IOException {
        check(new Options(spec));
        NativeMemory.initialize();
        SavedEncoder saved = model.read();
        Pictures data = pictures.load();
        ImageData all = data.trainData(saved.transform());
        ImageData test = data.testData(saved.transform());
        int labels = (int) Math.max(1, Math.round(share * all.size()));
        AccuracyTable table = new AccuracyTable("labels");
        for (long draw = seed; draw < seed + draws; draw++) {
            ImageData few = all.limit(labels, draw);
            try (ResNetBackbone encoder = saved.load(model.folder())) {
                table.add("pre-trained", labels, fit(encoder, few, test, draw, headRate, encoderRate));
            }
            try (ResNetBackbone scratch = ResNetBackbone.random(saved.network(), DataType.FLOAT, draw)) {
                table.add("from scratch", labels, fit(scratch, few, test, draw, scratchRate, scratchRate));
            }
        }
        PrintWriter out = spec.commandLine().getOut();
        out.println(table);
        out.printf(
                Locale.ROOT,
                "mean of %d draws: pre-trained %.4f, from scratch %.4f%n",
                draws,
                table.mean("pre-trained"),
                table.mean("from scratch"));
        if (json != null) {
            table.write(json, "fine-tuning");
        }
        return ExitCode.OK;
    }

    private double fit(
            ResNetBackbone encoder, ImageData few, ImageData test, long draw, double head, double ofEncoder) {
        ViewRecipe crop = ViewRecipe.cropAndFlip(few.transform().crop());
        ViewRecipe milder = crop.withCrop(crop.crop().withArea(leastCrop, 1));
        FineTuning paper = FineTuning.paper();
        TrainConfig training = paper.training()
                .withEpochs(epochs)
                .withBatchSize(Math.min(batch, few.size()))
                .withSeed(draw)
                .withOptimizer(paper.training().optimizer(), head);
        try (ProgressListener progress =
                        new ProgressListener("fine-tuning", spec.commandLine().getErr());
                Classifier<ImageBatch> classifier = paper.withTraining(training)
                        .withEncoderRate(ofEncoder / head)
                        .fit(encoder, new AugmentedImages(few, milder), few.labels(), progress)) {
            return classifier.evaluate(test).accuracy();
        }
    }

    private void check(Options options) {
        model.check(options);
        pictures.check(options);
        options.requireFile("--json", json);
        options.require(share > 0 && share <= 1, "--share must be above 0 and at most 1, but is %s", share);
        options.require(draws >= 1, "--draws must be at least 1, but is %s", draws);
        options.require(epochs >= 1, "--epochs must be at least 1, but is %s", epochs);
        options.require(batch >= 2, "--batch must be at least 2, but is %s", batch);
        options.require(
                headRate > 0 && encoderRate > 0 && scratchRate > 0,
                "--head-rate, --encoder-rate and --scratch-rate must be positive");
        options.require(
                leastCrop > 0 && leastCrop <= 1, "--least-crop must be above 0 and at most 1, but is %s", leastCrop);
    }
}
