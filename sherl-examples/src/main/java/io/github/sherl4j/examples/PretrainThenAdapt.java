package io.github.sherl4j.examples;

import io.github.sherl4j.adapter.AdapterPreset;
import io.github.sherl4j.backbone.resnet.ResNetBackbone;
import io.github.sherl4j.backbone.resnet.ResNetConfig;
import io.github.sherl4j.barlow.BarlowModel;
import io.github.sherl4j.barlow.pretrain.Pretraining;
import io.github.sherl4j.barlow.pretrain.SavedEncoder;
import io.github.sherl4j.data.ImageBatch;
import io.github.sherl4j.data.ImageData;
import io.github.sherl4j.head.ClassificationHead;
import io.github.sherl4j.head.Pooling;
import io.github.sherl4j.layer.BatchNorm;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.nd.NativeMemory;
import io.github.sherl4j.nd.Rng;
import io.github.sherl4j.route.Classifier;
import io.github.sherl4j.route.Route;
import io.github.sherl4j.route.SherlConfig;
import io.github.sherl4j.route.SherlRoute;
import io.github.sherl4j.train.RateShape;
import io.github.sherl4j.train.TrainConfig;
import io.github.sherl4j.train.TrainReport;
import io.github.sherl4j.train.Trainer;
import io.github.sherl4j.tuning.FullTuning;
import io.github.sherl4j.tuning.HeadOnly;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.nd4j.evaluation.classification.Evaluation;
import org.nd4j.linalg.api.buffer.DataType;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** From pictures without labels to a task with few of them: Barlow Twins pre-trains, SHERL adapts. */
@Command(
        name = "pretrain-then-adapt",
        abbreviateSynopsis = true,
        sortOptions = false,
        description = {
            "Barlow Twins pre-trains a ResNet on pictures without labels; then it is adapted to their classes by"
                    + " SHERL, by training its head alone and by full fine-tuning, and accuracy, time and memory are"
                    + " compared.",
            "Without options: emoji and their ten categories."
        })
public final class PretrainThenAdapt implements Callable<Integer> {
    @Option(
            names = "--model",
            paramLabel = "DIR",
            description = "A network that BarlowPretrain saved, instead of pre-training one.")
    private @Nullable Path model;

    @Mixin
    private final PictureOptions pictures = new PictureOptions();

    @Mixin
    private final EncoderOptions encoder = new EncoderOptions();

    @Mixin
    private final PretrainOptions pretrain = new PretrainOptions();

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description =
                    "Where the pre-trained network is saved (default: barlow-twins in the system's temporary folder).")
    private @Nullable Path out;

    @Option(
            names = "--share",
            paramLabel = "SHARE",
            defaultValue = "1",
            description = "Share of the labels that the adapted network sees (default: ${DEFAULT-VALUE}).")
    private double share = 1;

    @Option(
            names = "--adapt-epochs",
            paramLabel = "N",
            defaultValue = "10",
            description = "Passes over the labelled pictures (default: ${DEFAULT-VALUE}).")
    private int adaptEpochs = 10;

    @Option(
            names = "--adapt-batch",
            paramLabel = "N",
            defaultValue = "32",
            description = "Labelled pictures in a step (default: ${DEFAULT-VALUE}).")
    private int adaptBatch = 32;

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
        Cli.main(new PretrainThenAdapt(), arguments);
    }

    @Override
    public Integer call() throws IOException {
        check(new Options(spec));
        NativeMemory.initialize();
        Pictures data = pictures.load();
        Path folder = model != null ? model : pretrain(data);
        SavedEncoder saved = SavedEncoder.read(folder);
        ImageData all = data.trainData(saved.transform());
        ImageData few = all.limit((int) Math.max(2, Math.round(share * all.size())), pretrain.seed());
        ImageData test = data.testData(saved.transform());
        PrintWriter print = spec.commandLine().getOut();
        print.printf(
                "%d labelled pictures, %d test pictures, %d classes; network %s%n",
                few.size(), test.size(), few.labels().size(), folder);
        List<MethodResult> results = new ArrayList<>();
        for (Method method : Method.values()) {
            results.add(adapt(method, saved, folder, few, test));
        }
        print.println(ResultTable.of(results));
        if (json != null) {
            ResultFile.write(json, pictures.name(), folder.toString(), pretrain.seed(), results);
        }
        return ExitCode.OK;
    }

    /** The labels are not looked at. */
    private Path pretrain(Pictures data) throws IOException {
        Path folder = out == null ? Path.of(System.getProperty("java.io.tmpdir"), "barlow-twins") : out;
        ResNetConfig network = encoder.config(pictures.size());
        ResNetBackbone backbone = ResNetBackbone.random(network, DataType.FLOAT, pretrain.seed());
        try (BarlowModel twins = BarlowModel.of(
                        backbone,
                        pretrain.projector(),
                        pretrain.loss(),
                        pretrain.part(),
                        Rng.derive(pretrain.seed(), 1));
                ProgressListener progress =
                        new ProgressListener("Barlow Twins", spec.commandLine().getErr())) {
            new Pretraining(pretrain.config(pictures.size(), pictures.norm()), progress)
                    .run(twins, data.pretrain(), null);
            new SavedEncoder(network, pretrain.transform(pictures.size(), pictures.norm())).write(folder, backbone);
        }
        return folder;
    }

    private MethodResult adapt(Method method, SavedEncoder saved, Path folder, ImageData train, ImageData test)
            throws IOException {
        try (ResNetBackbone whole = saved.load(folder);
                ResNetBackbone network = method == Method.FULL ? whole : whole.folded()) {
            long total = count(whole);
            TrainingMemory memory = TrainingMemory.start();
            ClassificationHead head = new ClassificationHead(
                    Pooling.MEAN, network.width(), train.labels().size(), DataType.FLOAT, pretrain.seed());
            try (Classifier<ImageBatch> classifier =
                            new Classifier<>(network, route(method, network), head, train.labels());
                    ProgressListener progress = new ProgressListener(
                            method.toString(), spec.commandLine().getErr())) {
                TrainReport report = new Trainer(config(method), memory, progress).fit(classifier, train, null);
                double peakMb = memory.peakMb(network, classifier);
                OptionalDouble residentPeakMb = memory.residentPeakMb();
                Evaluation evaluation = classifier.evaluate(test);
                long trainable = classifier.parameters().count();
                return new MethodResult(
                        method,
                        evaluation.accuracy(),
                        MacroF1.of(evaluation),
                        trainable,
                        method == Method.FULL ? trainable : total + trainable,
                        report.secondsPerStep(),
                        peakMb,
                        residentPeakMb,
                        report.epochs());
            }
        }
    }

    private Route<ImageBatch> route(Method method, ResNetBackbone network) {
        return switch (method) {
            case HEAD -> new HeadOnly<>(network);
            case SHERL -> {
                List<Integer> taps = network.config().stageTaps();
                yield SherlRoute.of(
                        network,
                        SherlConfig.defaults()
                                .withPreset(AdapterPreset.VSE_IMAGE)
                                .withTaps(taps)
                                .withLateLayers(network.blocks().size() - taps.get(taps.size() - 1))
                                .withSeed(pretrain.seed()));
            }
            case FULL -> {
                network.statistics(BatchNorm.Statistics.BATCH);
                yield new FullTuning<>(network);
            }
        };
    }

    private TrainConfig config(Method method) {
        return TrainConfig.defaults()
                .withEpochs(adaptEpochs)
                .withBatchSize(adaptBatch)
                .withPeakRate(
                        switch (method) {
                            case HEAD -> 3e-2;
                            case SHERL -> 3e-3;
                            case FULL -> 1e-3;
                        })
                .withRateShape(RateShape.cosine(0.1, 0))
                .withSeed(pretrain.seed());
    }

    private static long count(ResNetBackbone network) {
        return network.parameters().stream()
                .map(Parameter::value)
                .mapToLong(value -> value.length())
                .sum();
    }

    private void check(Options options) {
        pictures.check(options);
        options.requireFile("--json", json);
        encoder.check(options);
        pretrain.check(options);
        options.require(share > 0 && share <= 1, "--share must be above 0 and at most 1, but is %s", share);
        options.require(adaptEpochs >= 1, "--adapt-epochs must be at least 1, but is %s", adaptEpochs);
        options.require(adaptBatch >= 2, "--adapt-batch must be at least 2, but is %s", adaptBatch);
        options.onlyIf(model == null, "--out", "no --model");
    }
}
