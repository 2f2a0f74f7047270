package io.github.sherl4j.examples;

import io.github.sherl4j.backbone.detr.MdetrNetwork;
import io.github.sherl4j.data.ImageFolder;
import io.github.sherl4j.data.ImageSource;
import io.github.sherl4j.data.Picture;
import io.github.sherl4j.data.PixelNorm;
import io.github.sherl4j.data.SceneData;
import io.github.sherl4j.data.SceneExample;
import io.github.sherl4j.data.SceneFile;
import io.github.sherl4j.metric.GroundingMetrics;
import io.github.sherl4j.nd.NativeMemory;
import io.github.sherl4j.route.FrozenScene;
import io.github.sherl4j.route.GroundingModel;
import io.github.sherl4j.route.MdetrFolder;
import io.github.sherl4j.route.SceneConfig;
import io.github.sherl4j.train.RateShape;
import io.github.sherl4j.train.TrainConfig;
import io.github.sherl4j.train.TrainReport;
import io.github.sherl4j.train.Trainer;
import io.github.sherl4j.tuning.FullScene;
import io.github.sherl4j.tuning.FullTuning;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Finds in pictures what phrases name: SHERL on MDETR. */
@Command(
        name = "ground-phrases",
        abbreviateSynopsis = true,
        sortOptions = false,
        description = {
            "Adapts an MDETR to find in pictures what the phrases of a text name, by SHERL, by training the heads"
                    + " alone and by full fine-tuning, and compares accuracy, time and memory.",
            "Without --model, a small network first learns to find living beings among emoji on pale paper, and is then"
                    + " adapted to things on dark paper, by words that it has never seen."
        })
public final class GroundPhrases implements Callable<Integer> {
    private static final int TEST_SCENES = 500;
    private static final int SHOWN = 4;

    @Option(
            names = "--method",
            paramLabel = "METHOD",
            split = ",",
            description = "head, sherl or full. May be repeated (default: all three, in this order).")
    private List<Method> methods = new ArrayList<>();

    @Option(
            names = "--model",
            paramLabel = "DIR",
            description = "Folder of an MDETR: config.json, model.safetensors, tokenizer.json.")
    private @Nullable Path model;

    @Option(
            names = "--train",
            paramLabel = "FILE",
            description = "Training pictures, captions and boxes as MDETR has them: COCO's JSON with captions.")
    private @Nullable Path train;

    @Option(names = "--test", paramLabel = "FILE", description = "Test pictures in the same format.")
    private @Nullable Path test;

    @Option(names = "--pictures", paramLabel = "DIR", description = "Folder of the pictures that both files name.")
    private @Nullable Path pictures;

    @Option(
            names = "--side",
            paramLabel = "PIXELS",
            defaultValue = "800",
            description = "The longer side of a picture in the network (default: ${DEFAULT-VALUE}, 16 for emoji).")
    private int side = 800;

    @Option(
            names = "--epochs",
            paramLabel = "N",
            defaultValue = "10",
            description = "Passes over the training pictures (default: ${DEFAULT-VALUE}).")
    private int epochs = 10;

    @Option(
            names = "--batch",
            paramLabel = "N",
            defaultValue = "8",
            description = "Pictures in a training step (default: ${DEFAULT-VALUE}, 32 for emoji).")
    private int batch = 8;

    @Option(
            names = "--rate",
            paramLabel = "RATE",
            description =
                    "Highest learning rate (default: 0.0005 with --model; else 0.004 for head and sherl, 0.001 for"
                            + " full). SHERL's heads learn at a tenth of it with --model.")
    private @Nullable Double rate;

    @Option(
            names = "--pretrain-epochs",
            paramLabel = "N",
            defaultValue = "10",
            description = "Passes of the small network's own training (default: ${DEFAULT-VALUE}).")
    private int pretrainEpochs = 10;

    @Option(
            names = "--scenes",
            paramLabel = "N",
            defaultValue = "1280",
            description = "Training pictures of emoji, in either training (default: ${DEFAULT-VALUE}).")
    private int scenes = 1280;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "0",
            description = "Seed of everything random (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(
            names = "--picture",
            paramLabel = "FILE",
            description =
                    "Write a PNG of the first test pictures with their true boxes and, dashed, what the last method"
                            + " found.")
    private @Nullable Path picture;

    @Option(names = "--save", paramLabel = "DIR", description = "Save SHERL's adapters and heads to this folder.")
    private @Nullable Path save;

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

    /** Pictures and texts for training and test. */
    private record Task(
            List<SceneExample> train, ImageSource trainPictures, List<SceneExample> test, ImageSource testPictures) {}

    /** Runs the command, and ends the JVM if it fails. */
    public static void main(String[] arguments) {
        Cli.main(new GroundPhrases(), arguments);
    }

    @Override
    public Integer call() throws IOException {
        check(new Options(spec));
        NativeMemory.initialize();
        Set<Method> chosen = Method.chosen(methods);
        List<GroundingResult> results = new ArrayList<>();
        if (model == null) {
            EmojiData emoji = EmojiData.load();
            try (TemporaryFolder folder = TemporaryFolder.create("small-scene-network")) {
                SmallSceneNetwork.train(
                        emoji,
                        scenes,
                        pretrainEpochs,
                        folder.path(),
                        spec.commandLine().getErr());
                EmojiScenes own = EmojiScenes.dark(emoji, scenes, 2);
                EmojiScenes held = EmojiScenes.dark(emoji, TEST_SCENES, 3);
                Task task = new Task(own.examples(), own.pictures(), held.examples(), held.pictures());
                for (Method method : chosen) {
                    results.add(run(method, folder.path(), task));
                }
            }
        } else {
            ImageFolder source = ImageFolder.open(Objects.requireNonNull(pictures, "checked before"));
            Task task = new Task(
                    SceneFile.read(Objects.requireNonNull(train, "checked before")),
                    source,
                    SceneFile.read(Objects.requireNonNull(test, "checked before")),
                    source);
            for (Method method : chosen) {
                results.add(run(method, model, task));
            }
        }
        PrintWriter out = spec.commandLine().getOut();
        out.println(GroundingResult.table(results));
        if (json != null) {
            ResultFile.writeGrounding(json, model == null ? "small" : model.toString(), seed, results);
        }
        return ExitCode.OK;
    }

    private GroundingResult run(Method method, Path folder, Task task) throws IOException {
        try (MdetrNetwork network = MdetrFolder.load(folder, method == Method.FULL)) {
            TrainingMemory memory = TrainingMemory.start();
            try (GroundingModel grounding = grounding(method, network);
                    ProgressListener progress = new ProgressListener(
                            method.toString(), spec.commandLine().getErr())) {
                TrainReport report = new Trainer(config(method), memory, progress)
                        .fit(grounding, data(network, task.train, task.trainPictures), null);
                double peakMb = memory.peakMb(grounding, network.parameters());
                var residentPeakMb = memory.residentPeakMb();
                SceneData held = data(network, task.test, task.testPictures);
                GroundingMetrics metrics = grounding.measure(held);
                if (method == Method.SHERL && save != null) {
                    grounding.save(save);
                }
                if (picture != null) {
                    write(picture, grounding, network, task);
                }
                return new GroundingResult(
                        method,
                        List.of(metrics.accuracy(), metrics.recall(5), metrics.recall(10)),
                        grounding.parameters().count(),
                        report.secondsPerStep(),
                        peakMb,
                        residentPeakMb);
            }
        }
    }

    private void write(Path file, GroundingModel grounding, MdetrNetwork network, Task task) throws IOException {
        List<SceneExample> shown = task.test.subList(0, Math.min(SHOWN, task.test.size()));
        SceneData data = data(network, shown, task.testPictures);
        List<Picture> originals = new ArrayList<>();
        for (SceneExample example : shown) {
            for (int i = 0; i < task.testPictures.size(); i++) {
                if (task.testPictures.name(i).equals(example.image())) {
                    originals.add(task.testPictures.picture(i).orElseThrow());
                }
            }
        }
        BoxPicture.write(file, data, originals, grounding.find(data));
    }

    private SceneData data(MdetrNetwork network, List<SceneExample> examples, ImageSource source) {
        int tokens = Math.min(network.texts().maxTokens(), network.classes() - 1);
        int longer = model == null ? EmojiScenes.SIDE : side;
        return SceneData.of(examples, network.texts().tokenizer(), tokens, source, longer, PixelNorm.IMAGENET);
    }

    private GroundingModel grounding(Method method, MdetrNetwork network) {
        return switch (method) {
            case HEAD -> new GroundingModel(network, new FrozenScene(network.transformer()), null, 1);
            case SHERL -> {
                SceneConfig published = SceneConfig.defaults().withSeed(seed);
                yield GroundingModel.sherl(network, model == null ? SmallSceneNetwork.widest(published) : published);
            }
            case FULL ->
                new GroundingModel(
                        network,
                        new FullScene(network.transformer()),
                        new GroundingModel.Whole(new FullTuning<>(network.images()), new FullTuning<>(network.texts())),
                        1);
        };
    }

    private TrainConfig config(Method method) {
        double smallRate = method == Method.FULL ? 1e-3 : 4e-3;
        double ownRate = model == null ? smallRate : 5e-4;
        boolean given = new Options(spec).given("--batch");
        return TrainConfig.defaults()
                .withWeightDecay(0)
                .withEpochs(epochs)
                .withBatchSize(model == null && !given ? 32 : batch)
                .withPeakRate(rate == null ? ownRate : rate)
                .withClipNorm(model == null ? 10 : 0.1)
                .withRateShape(RateShape.linear(0.05))
                .withSeed(seed);
    }

    private void check(Options options) {
        options.require(epochs >= 1, "--epochs must be at least 1, but is %s", epochs);
        options.require(batch >= 1, "--batch must be at least 1, but is %s", batch);
        options.require(scenes >= 32, "--scenes must be at least 32, but is %s", scenes);
        options.require(pretrainEpochs >= 1, "--pretrain-epochs must be at least 1, but is %s", pretrainEpochs);
        options.requireFile("--picture", picture);
        options.requireFile("--json", json);
        options.requireFolder("--save", save);
        options.onlyIf(Method.chosen(methods).contains(Method.SHERL), "--save", "--method sherl");
        options.require(side >= 32, "--side must be at least 32, but is %s", side);
        options.require(
                rate == null || (rate > 0 && Double.isFinite(rate)), "--rate must be positive, but is %s", rate);
        for (String name : List.of("--train", "--test", "--pictures", "--side")) {
            options.onlyIf(model != null, name, "--model");
        }
        for (String name : List.of("--scenes", "--pretrain-epochs")) {
            options.onlyIf(model == null, name, "no --model");
        }
        options.require(
                model == null || (train != null && test != null && pictures != null),
                "--model needs --train, --test and --pictures");
    }
}
