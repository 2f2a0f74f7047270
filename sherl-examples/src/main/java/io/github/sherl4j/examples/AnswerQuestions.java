package io.github.sherl4j.examples;

import io.github.sherl4j.backbone.GridFeatures;
import io.github.sherl4j.backbone.clipvil.ClipVilBackbone;
import io.github.sherl4j.backbone.resnet.ResNetBackbone;
import io.github.sherl4j.data.FeatureFolder;
import io.github.sherl4j.data.ImageFolder;
import io.github.sherl4j.data.ImageTransform;
import io.github.sherl4j.data.PixelNorm;
import io.github.sherl4j.data.QuestionData;
import io.github.sherl4j.data.QuestionExample;
import io.github.sherl4j.data.QuestionFile;
import io.github.sherl4j.data.VisualFeatures;
import io.github.sherl4j.nd.NativeMemory;
import io.github.sherl4j.route.QuestionModel;
import io.github.sherl4j.route.QuestionOptions;
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
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Answers questions about pictures: SHERL on CLIP-ViL's joint transformer. */
@Command(
        name = "answer-questions",
        abbreviateSynopsis = true,
        sortOptions = false,
        description = {
            "Adapts a joint transformer over words and pictures to a task of visual question answering, by SHERL, by"
                    + " training the answer head alone and by full fine-tuning, and compares accuracy, time and memory.",
            "Without --model, a small network first learns of which kinds the emoji in a picture are, and is then"
                    + " adapted to tell which emoji they are and to count those of a kind."
        })
public final class AnswerQuestions implements Callable<Integer> {
    private static final int TEST = 1000;

    @Option(
            names = "--method",
            paramLabel = "METHOD",
            split = ",",
            description = "head, sherl or full. May be repeated (default: all three, in this order).")
    private List<Method> methods = new ArrayList<>();

    @Option(
            names = "--model",
            paramLabel = "DIR",
            description = "Folder of a CLIP-ViL: config.json, model.safetensors, tokenizer.json.")
    private @Nullable Path model;

    @Option(
            names = "--train",
            paramLabel = "FILE",
            description = "Training questions as LXMERT has them: a JSON array of img_id, sent and label.")
    private @Nullable Path train;

    @Option(names = "--test", paramLabel = "FILE", description = "Test questions in the same format.")
    private @Nullable Path test;

    @Option(
            names = "--answers",
            paramLabel = "FILE",
            description = "JSON array of the answers to choose from (default: those that --train has --least times).")
    private @Nullable Path answers;

    @Option(
            names = "--least",
            paramLabel = "N",
            defaultValue = "9",
            description = "How often an answer must be there to count (default: ${DEFAULT-VALUE}).")
    private int least = 9;

    @Option(
            names = "--features",
            paramLabel = "DIR",
            description = "Folder of a safetensors file with a tensor \"features\" for each picture.")
    private @Nullable Path features;

    @Option(
            names = "--pictures",
            paramLabel = "DIR",
            description = "Folder of the pictures themselves, whose features --image-model computes.")
    private @Nullable Path pictures;

    @Option(
            names = "--image-model",
            paramLabel = "FILE",
            description = "Safetensors file of a ResNet under torchvision's names, for --pictures.")
    private @Nullable Path imageModel;

    @Option(
            names = "--arch",
            paramLabel = "NAME",
            defaultValue = "resnet50",
            description = "What --image-model holds: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private ImageNetworkOptions.Architecture architecture = ImageNetworkOptions.Architecture.RESNET50;

    @Option(
            names = "--image-size",
            paramLabel = "PIXELS",
            defaultValue = "448",
            description = "Width and height of pictures (default: ${DEFAULT-VALUE}).")
    private int imageSize = 448;

    @Option(
            names = "--max-length",
            paramLabel = "TOKENS",
            description = "Longer questions are cut (default: 20, or what the network takes).")
    private @Nullable Integer maxLength;

    @Option(
            names = "--epochs",
            paramLabel = "N",
            defaultValue = "5",
            description = "Passes over the training questions (default: ${DEFAULT-VALUE}).")
    private int epochs = 5;

    @Option(
            names = "--batch",
            paramLabel = "N",
            defaultValue = "32",
            description = "Questions in a training step (default: ${DEFAULT-VALUE}).")
    private int batch = 32;

    @Option(
            names = "--rate",
            paramLabel = "RATE",
            description =
                    "Highest learning rate (default: 0.005 for head and sherl, 0.001 for full; with --model 0.0005"
                            + " and 0.00005).")
    private @Nullable Double rate;

    @Option(
            names = "--pretrain-epochs",
            paramLabel = "N",
            defaultValue = "6",
            description = "Passes of the small network's own training (default: ${DEFAULT-VALUE}).")
    private int pretrainEpochs = 6;

    @Option(
            names = "--questions",
            paramLabel = "N",
            defaultValue = "6400",
            description = "Training questions about emoji, in either training (default: ${DEFAULT-VALUE}).")
    private int questions = 6400;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "0",
            description = "Seed of everything random (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(names = "--save", paramLabel = "DIR", description = "Save SHERL's adapter and head here.")
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

    /** Questions for training and test, and the pictures' features. */
    private record Task(
            List<QuestionExample> train,
            VisualFeatures trainFeatures,
            List<QuestionExample> test,
            VisualFeatures testFeatures,
            List<String> answers) {}

    /** Runs the command, and ends the JVM if it fails. */
    public static void main(String[] arguments) {
        Cli.main(new AnswerQuestions(), arguments);
    }

    @Override
    public Integer call() throws IOException {
        check(new Options(spec));
        NativeMemory.initialize();
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        Set<Method> chosen = Method.chosen(methods);
        List<AccuracyResult> results = new ArrayList<>();
        if (model == null) {
            EmojiData emoji = EmojiData.load();
            try (TemporaryFolder folder = TemporaryFolder.create("small-joint-network")) {
                double learned;
                try (ProgressListener progress = new ProgressListener("small network", err)) {
                    learned = SmallJointNetwork.train(
                            folder.path(),
                            EmojiQuestions.draw(emoji, EmojiQuestions.FIRST, questions, seed),
                            EmojiQuestions.draw(emoji, EmojiQuestions.FIRST, TEST, seed + 1),
                            pretrainEpochs,
                            seed,
                            progress);
                }
                out.printf("Small network: %.1f%% of other questions right%n", 100 * learned);
                EmojiQuestions own = EmojiQuestions.draw(emoji, EmojiQuestions.SECOND, questions, seed + 2);
                EmojiQuestions held = EmojiQuestions.draw(emoji, EmojiQuestions.SECOND, TEST, seed + 3);
                Task task = new Task(
                        own.examples(),
                        own.features(),
                        held.examples(),
                        held.features(),
                        QuestionFile.answers(own.examples(), 1));
                for (Method method : chosen) {
                    results.add(run(method, folder.path(), task));
                }
            }
        } else if (features != null) {
            Task task = read(new FeatureFolder(features));
            for (Method method : chosen) {
                results.add(run(method, model, task));
            }
        } else if (pictures != null && imageModel != null) {
            ImageTransform transform = ImageTransform.square(imageSize, PixelNorm.IMAGENET);
            try (ResNetBackbone network = ResNetBackbone.load(architecture.config(), imageModel);
                    GridFeatures grid = new GridFeatures(network, ImageFolder.open(pictures), transform)) {
                Task task = read(grid);
                for (Method method : chosen) {
                    results.add(run(method, model, task));
                }
            }
        }
        out.println(AccuracyResult.table(results));
        if (json != null) {
            ResultFile.writeAccuracies(json, "questions", model == null ? "small" : model.toString(), seed, results);
        }
        return ExitCode.OK;
    }

    private Task read(VisualFeatures source) throws IOException {
        if (train == null || test == null) {
            throw new IllegalStateException("checked before");
        }
        List<QuestionExample> own = QuestionFile.read(train);
        List<String> choice = answers == null ? QuestionFile.answers(own, least) : QuestionFile.readAnswers(answers);
        return new Task(own, source, QuestionFile.read(test), source, choice);
    }

    private AccuracyResult run(Method method, Path folder, Task task) throws IOException {
        try (ClipVilBackbone network = ClipVilBackbone.load(folder)) {
            TrainingMemory memory = TrainingMemory.start();
            int tokens = Math.min(
                    maxLength == null ? 20 : maxLength, network.config().positions());
            QuestionOptions options =
                    QuestionOptions.of(task.answers).withMaxTokens(tokens).withSeed(seed);
            try (QuestionModel answering = model(method, network, options);
                    ProgressListener progress = new ProgressListener(
                            method.toString(), spec.commandLine().getErr())) {
                TrainReport report = new Trainer(config(method), memory, progress)
                        .fit(answering, answering.prepare(task.train, task.trainFeatures), null);
                double peakMb = memory.peakMb(network, answering);
                var residentPeakMb = memory.residentPeakMb();
                if (method == Method.SHERL && save != null) {
                    answering.save(save);
                }
                QuestionData test = answering.prepare(task.test, task.testFeatures);
                if (model == null) {
                    String right = EmojiQuestions.rightByKind(task.test, answering.answer(test));
                    spec.commandLine().getOut().printf("%s: %s%n", method, right);
                }
                return new AccuracyResult(
                        method.toString(),
                        answering.accuracy(test),
                        answering.parameters().count(),
                        report.secondsPerStep(),
                        peakMb,
                        residentPeakMb);
            }
        }
    }

    private QuestionModel model(Method method, ClipVilBackbone network, QuestionOptions options) {
        return switch (method) {
            case HEAD -> new QuestionModel(network, new HeadOnly<>(network), options);
            case SHERL -> QuestionModel.sherl(network, QuestionModel.published().withSeed(seed), options);
            case FULL -> new QuestionModel(network, new FullTuning<>(network), options);
        };
    }

    private TrainConfig config(Method method) {
        double ownRate;
        if (method == Method.FULL) {
            ownRate = model == null ? 1e-3 : 5e-5;
        } else {
            ownRate = model == null ? 5e-3 : 5e-4;
        }
        return TrainConfig.defaults()
                .withEpochs(epochs)
                .withBatchSize(batch)
                .withPeakRate(rate == null ? ownRate : rate)
                .withRateShape(RateShape.linear(0.05))
                .withSeed(seed);
    }

    private void check(Options options) {
        options.require(epochs >= 1, "--epochs must be at least 1, but is %s", epochs);
        options.require(batch >= 1, "--batch must be at least 1, but is %s", batch);
        options.require(least >= 1, "--least must be at least 1, but is %s", least);
        options.require(questions >= 64, "--questions must be at least 64, but is %s", questions);
        options.require(pretrainEpochs >= 1, "--pretrain-epochs must be at least 1, but is %s", pretrainEpochs);
        options.require(
                rate == null || (rate > 0 && Double.isFinite(rate)), "--rate must be positive, but is %s", rate);
        options.require(
                maxLength == null || maxLength >= 3, "--max-length must be at least 3 tokens, but is %s", maxLength);
        options.require(imageSize >= 32, "--image-size must be at least 32, but is %s", imageSize);
        for (String name : List.of("--train", "--test", "--answers", "--least", "--features", "--pictures")) {
            options.onlyIf(model != null, name, "--model");
        }
        for (String name : List.of("--image-model", "--arch", "--image-size")) {
            options.onlyIf(pictures != null, name, "--pictures");
        }
        for (String name : List.of("--questions", "--pretrain-epochs")) {
            options.onlyIf(model == null, name, "no --model");
        }
        options.require(model == null || (train != null && test != null), "--model needs --train and --test");
        options.require(
                model == null || ((features == null) != (pictures == null)),
                "--model needs either --features or --pictures");
        options.requireFile("--json", json);
        options.requireFolder("--save", save);
        options.require(pictures == null || imageModel != null, "--pictures needs --image-model");
    }
}
