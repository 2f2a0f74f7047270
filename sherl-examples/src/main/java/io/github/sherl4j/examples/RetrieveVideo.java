package io.github.sherl4j.examples;

import io.github.sherl4j.adapter.AdapterPreset;
import io.github.sherl4j.backbone.VideoBackbone;
import io.github.sherl4j.backbone.clip.Clip;
import io.github.sherl4j.backbone.clip.ClipTextBackbone;
import io.github.sherl4j.data.ImageTransform;
import io.github.sherl4j.data.Interpolation;
import io.github.sherl4j.data.PixelNorm;
import io.github.sherl4j.data.TokenBatch;
import io.github.sherl4j.data.VideoBatch;
import io.github.sherl4j.metric.RetrievalMetrics;
import io.github.sherl4j.nd.NativeMemory;
import io.github.sherl4j.route.TwoTowerModel;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Finds videos by their captions and captions by their videos: SHERL on the output side of CLIP's two towers. */
@Command(
        name = "retrieve-video",
        abbreviateSynopsis = true,
        sortOptions = false,
        description = {
            "Adapts CLIP so that videos and captions that belong together get similar embeddings, by SHERL, by a"
                    + " linear layer on its features and by full fine-tuning, and compares recall, time and memory with"
                    + " CLIP as it is.",
            "Without options: a small CLIP first learns emoji by their names, then clips in which they move."
        })
public final class RetrieveVideo implements Callable<Integer> {
    private static final int MOST_WORDS = 32;

    @Mixin
    private final PairOptions training = new PairOptions(10, 64, 16);

    @Option(
            names = "--model",
            paramLabel = "DIR",
            description = "Folder of a CLIP: config.json and tokenizer.json as Hugging Face has them, model.safetensors"
                    + " under Hugging Face's names or OpenAI's, where config.json may be missing (default: a small"
                    + " CLIP that is first trained).")
    private @Nullable Path model;

    @Option(
            names = "--pretrain-epochs",
            paramLabel = "N",
            defaultValue = "20",
            description = "Passes of the small CLIP's own training (default: ${DEFAULT-VALUE}).")
    private int pretrainEpochs = 20;

    @Mixin
    private final VideoOptions videos = new VideoOptions();

    @Option(
            names = "--gates",
            negatable = true,
            defaultValue = "true",
            fallbackValue = "true",
            description = "Whether each layer has a gate, as published for MSR-VTT but not for MSVD (default: yes).")
    private boolean gates = true;

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
        Cli.main(new RetrieveVideo(), arguments);
    }

    /** Peak learning rates of AdamW; the published one of SHERL is for real checkpoints. */
    private double rate(Method method) {
        boolean small = model == null;
        return switch (method) {
            case HEAD -> 1e-3;
            case SHERL -> small ? 1e-3 : 1e-4;
            case FULL -> small ? 5e-4 : 1e-6;
        };
    }

    @Override
    public Integer call() throws IOException {
        Options options = new Options(spec);
        training.check(options);
        videos.check(options);
        options.onlyIf(model == null, "--pretrain-epochs", "no --model");
        options.require(pretrainEpochs >= 1, "--pretrain-epochs must be at least 1, but is %s", pretrainEpochs);
        NativeMemory.initialize();
        EmojiData emoji = EmojiData.load();
        if (model != null) {
            compare(emoji, model, model.toString());
            return ExitCode.OK;
        }
        try (TemporaryFolder folder = TemporaryFolder.create("small-clip")) {
            SmallClip.train(
                    emoji,
                    videos.known(emoji),
                    pretrainEpochs,
                    folder.path(),
                    spec.commandLine().getErr());
            compare(emoji, folder.path(), "small-clip");
        }
        return ExitCode.OK;
    }

    private void compare(EmojiData emoji, Path folder, String network) throws IOException {
        List<RetrievalResult> results = new ArrayList<>();
        VideoOptions.Parts parts = videos.load(emoji);
        results.add(untrained(folder, parts));
        for (long seed : training.seeds()) {
            for (Method method : training.methods()) {
                results.add(run(method, seed, folder, parts));
            }
        }
        spec.commandLine().getOut().println(RetrievalResult.table(results));
        training.write(videos.task(), network, results);
    }

    private VideoTask.Reading reading(Clip clip) {
        int side = clip.image().config().image();
        ImageTransform transform = model == null
                ? SmallClip.transform()
                : new ImageTransform(side, side, Interpolation.BICUBIC, PixelNorm.CLIP);
        ClipTextBackbone texts = clip.text();
        return new VideoTask.Reading(
                transform, videos.frames(), texts.tokenizer(), Math.min(MOST_WORDS, texts.maxTokens()));
    }

    private RetrievalResult untrained(Path folder, VideoOptions.Parts parts) throws IOException {
        try (Clip clip = Clip.load(folder)) {
            VideoTask test = VideoTask.of(parts.test().videos(), parts.test().captions(), reading(clip));
            VideoBackbone frames = new VideoBackbone(clip.image());
            try (INDArray images = VideoTowers.untrained(frames).embed(test.videos(), training.part());
                    INDArray texts = VideoTowers.untrained(clip.text()).embed(test.texts(), training.part())) {
                return RetrievalResult.untrained(
                        "zero-shot", 0, RetrievalMetrics.ofEmbeddings(images, texts, test.videoOfText()));
            }
        }
    }

    private RetrievalResult run(Method method, long seed, Path folder, VideoOptions.Parts parts) throws IOException {
        PrintWriter err = spec.commandLine().getErr();
        try (Clip clip = Clip.load(folder)) {
            VideoTask train = VideoTask.of(parts.train().videos(), parts.train().captions(), reading(clip));
            VideoTask test = VideoTask.of(parts.test().videos(), parts.test().captions(), reading(clip));
            VideoBackbone frames = new VideoBackbone(clip.image());
            TrainingMemory memory = TrainingMemory.start();
            VideoTowers towers = new VideoTowers(
                    clip.logitScale(), gates ? AdapterPreset.CLIP_VIDEO : AdapterPreset.CLIP_VIDEO_UNGATED);
            try (TwoTowerModel<VideoBatch, TokenBatch> towersModel = towers.model(method, frames, clip.text(), seed)) {
                return new RetrievalRun<>(method, seed, frames, clip.text(), towers.loss(), rate(method))
                        .of(
                                towersModel,
                                train.pairs(),
                                new RetrievalRun.Test<>(test.videos(), test.texts(), test.videoOfText()),
                                training,
                                memory,
                                err);
            }
        }
    }
}
