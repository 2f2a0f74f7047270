package io.github.sherl4j.examples;

import io.github.sherl4j.barlow.LossOptions;
import io.github.sherl4j.barlow.pretrain.PretrainConfig;
import io.github.sherl4j.barlow.view.JitterOptions;
import io.github.sherl4j.barlow.view.ViewOptions;
import io.github.sherl4j.barlow.view.ViewRecipe;
import io.github.sherl4j.data.ImageTransform;
import io.github.sherl4j.data.PixelNorm;
import io.github.sherl4j.train.OptimizerConfig;
import io.github.sherl4j.train.RateShape;
import io.github.sherl4j.train.TrainConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How Barlow Twins trains. */
final class PretrainOptions {
    private static final int LARGE_PICTURE = 96;
    private static final double SMALL_PICTURES_LEAST_CROP = 0.3;

    /** The optimizers. */
    enum Rule {
        ADAMW(2e-3),
        LARS(0.2),
        SGD(0.05);

        private final double rate;

        Rule(double rate) {
            this.rate = rate;
        }

        OptimizerConfig config() {
            return switch (this) {
                case ADAMW -> OptimizerConfig.adamW(1e-4);
                case LARS -> OptimizerConfig.lars();
                case SGD -> OptimizerConfig.sgd(0.9, 1e-4);
            };
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** What happens to pictures. */
    enum Recipe {
        PAPER,
        SMALL;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Option(
            names = "--projector",
            paramLabel = "N",
            split = ",",
            description = "Widths of the projector's layers (default: 512,512; the paper's are 8192,8192,8192).")
    private List<Integer> projector = new ArrayList<>();

    @Option(
            names = "--epochs",
            paramLabel = "N",
            defaultValue = "30",
            description = "Passes over the pictures (default: ${DEFAULT-VALUE}).")
    private int epochs = 30;

    @Option(
            names = "--batch",
            paramLabel = "N",
            defaultValue = "256",
            description = "Pictures in a step (default: ${DEFAULT-VALUE}).")
    private int batch = 256;

    @Option(
            names = "--part",
            paramLabel = "N",
            defaultValue = "0",
            description = "Pictures that go through the network at once: the whole batch's loss in a part's memory"
                    + " (default: the batch).")
    private int part;

    @Option(
            names = "--optimizer",
            paramLabel = "NAME",
            defaultValue = "adamw",
            description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private Rule rule = Rule.ADAMW;

    @Option(
            names = "--rate",
            paramLabel = "RATE",
            description = "Highest learning rate (default: 0.002 for adamw, 0.2 for lars, 0.05 for sgd, at a batch of"
                    + " 256, and in proportion for lars and sgd).")
    private @Nullable Double rate;

    @Option(
            names = "--vector-rate",
            paramLabel = "FACTOR",
            description = "Factor of the rate for biases and norms (default: 0.024 for lars, else 1).")
    private @Nullable Double vectorRate;

    @Option(
            names = "--lambda",
            paramLabel = "NUMBER",
            defaultValue = "0.0051",
            description = "Weight of the off-diagonal terms (default: ${DEFAULT-VALUE}).")
    private double lambda = 0.0051;

    @Option(
            names = "--scale",
            paramLabel = "NUMBER",
            defaultValue = "1",
            description = "Factor of the loss (default: ${DEFAULT-VALUE}).")
    private double scale = 1;

    @Option(
            names = "--recipe",
            paramLabel = "NAME",
            description = "What happens to pictures: paper or small, which does not blur"
                    + " (default: small below 96 pixels).")
    private @Nullable Recipe recipe;

    @Option(
            names = "--least-crop",
            paramLabel = "SHARE",
            description = "Smallest share of a picture in a view (default: 0.08 for paper, 0.3 for small).")
    private @Nullable Double leastCrop;

    @Option(
            names = "--test-size",
            paramLabel = "PIXELS",
            description = "Width and height of whole pictures in the trained network. Views show things enlarged, so a"
                    + " little more than --size often measures better (default: --size).")
    private @Nullable Integer testSize;

    @Option(
            names = "--jitter",
            paramLabel = "FACTOR",
            defaultValue = "1",
            description =
                    "Factor of the paper's changes of brightness, contrast, saturation and hue, 0 to 1: less where"
                            + " colours tell things apart (default: ${DEFAULT-VALUE}).")
    private double jitter = 1;

    @Option(
            names = "--grey",
            paramLabel = "PROBABILITY",
            defaultValue = "0.2",
            description = "How often a view loses its colours (default: ${DEFAULT-VALUE}).")
    private double grey = 0.2;

    @Option(
            names = "--warm-up",
            paramLabel = "N",
            defaultValue = "1",
            description = "Epochs until the highest rate (default: ${DEFAULT-VALUE}).")
    private int warmUp = 1;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "0",
            description = "Seed of weights, order and views (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "Pictures worked on at once; changes nothing else (default: all processors).")
    private @Nullable Integer threads;

    void check(Options options) {
        options.require(epochs >= 1, "--epochs must be at least 1, but is %s", epochs);
        options.require(
                batch >= 2, "--batch must be at least 2, since a single picture has no variance, but is %s", batch);
        options.require(part == 0 || part >= 3, "--part must be at least 3, or 0 for whole batches, but is %s", part);
        options.require(
                rate == null || (rate > 0 && Double.isFinite(rate)), "--rate must be positive, but is %s", rate);
        options.require(
                vectorRate == null || (vectorRate > 0 && Double.isFinite(vectorRate)),
                "--vector-rate must be positive, but is %s",
                vectorRate);
        options.require(lambda >= 0, "--lambda must not be negative, but is %s", lambda);
        options.require(scale > 0, "--scale must be positive, but is %s", scale);
        options.require(
                leastCrop == null || (leastCrop > 0 && leastCrop <= 1),
                "--least-crop must be above 0 and at most 1, but is %s",
                leastCrop);
        options.require(testSize == null || testSize >= 8, "--test-size must be at least 8, but is %s", testSize);
        options.require(jitter >= 0 && jitter <= 1, "--jitter must be from 0 to 1, but is %s", jitter);
        options.require(grey >= 0 && grey <= 1, "--grey must be a probability from 0 to 1, but is %s", grey);
        options.require(warmUp >= 0, "--warm-up must not be negative, but is %s", warmUp);
        options.require(threads == null || threads >= 1, "--threads must be at least 1, but is %s", threads);
        options.require(
                projector.stream().allMatch(width -> width >= 2),
                "--projector must be widths of at least 2, but is %s",
                projector);
    }

    List<Integer> projector() {
        return projector.isEmpty() ? List.of(512, 512) : projector;
    }

    LossOptions loss() {
        return LossOptions.defaults().withLambda(lambda).withScale(scale);
    }

    int batch() {
        return batch;
    }

    int part() {
        return part;
    }

    int epochs() {
        return epochs;
    }

    long seed() {
        return seed;
    }

    ViewOptions views(int size, PixelNorm norm) {
        Recipe chosen = recipe != null ? recipe : size < LARGE_PICTURE ? Recipe.SMALL : Recipe.PAPER;
        ViewOptions views = chosen == Recipe.PAPER ? ViewOptions.paper(size) : ViewOptions.smallImages(size);
        double least = leastCrop != null
                ? leastCrop
                : chosen == Recipe.PAPER ? views.first().crop().minArea() : SMALL_PICTURES_LEAST_CROP;
        return views.withRecipes(milder(views.first(), least), milder(views.second(), least))
                .withNorm(norm);
    }

    /** From whole pictures to the trained network's input. */
    ImageTransform transform(int size, PixelNorm norm) {
        return ImageTransform.square(testSize == null ? size : testSize, norm);
    }

    private ViewRecipe milder(ViewRecipe view, double least) {
        JitterOptions paper = view.jitter();
        JitterOptions scaled = new JitterOptions(
                paper.probability(),
                jitter * paper.brightness(),
                jitter * paper.contrast(),
                jitter * paper.saturation(),
                jitter * paper.hue());
        return view.withCrop(view.crop().withArea(least, view.crop().maxArea()))
                .withJitter(scaled)
                .withGrey(grey);
    }

    PretrainConfig config(int size, PixelNorm norm) {
        double byBatch = rule == Rule.ADAMW ? rule.rate : rule.rate * batch / 256;
        OptimizerConfig optimizer = rule.config();
        TrainConfig training = TrainConfig.defaults()
                .withEpochs(epochs)
                .withBatchSize(batch)
                .withClipNorm(0)
                .withSeed(seed)
                .withRateShape(RateShape.warmUpCosine(warmUp, 0.001))
                .withOptimizer(
                        vectorRate == null ? optimizer : optimizer.withVectorRate(vectorRate),
                        rate == null ? byBatch : rate);
        int atOnce = threads == null ? Runtime.getRuntime().availableProcessors() : threads;
        return new PretrainConfig(training, views(size, norm), atOnce, 0);
    }
}
