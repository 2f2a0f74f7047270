package io.github.sherl4j.barlow.pretrain;

import io.github.sherl4j.barlow.view.LoaderOptions;
import io.github.sherl4j.barlow.view.ViewOptions;
import io.github.sherl4j.nd.Check;
import io.github.sherl4j.train.OptimizerConfig;
import io.github.sherl4j.train.RateShape;
import io.github.sherl4j.train.TrainConfig;

/**
 * How to pre-train. Immutable; start from {@link #paper()} or {@link #smallImages(int)}.
 *
 * @param training epochs, batch size, learning rates, optimizer and seed; its accumulation must be 1 (the model cuts batches, see
 *     {@link io.github.sherl4j.barlow.BarlowModel}) and its patience 0
 * @param views what happens to pictures
 * @param threads how many pictures are worked on at once; results do not depend on it
 * @param checkpointEvery steps between two checkpoints, where they are written; 0 for one after each epoch
 */
public record PretrainConfig(TrainConfig training, ViewOptions views, int threads, int checkpointEvery) {
    private static final double BATCH_OF_RATE = 256;

    /** Checks the numbers. */
    public PretrainConfig {
        Check.argument(
                training.accumulation() == 1,
                "accumulation must be 1, since the model cuts batches into parts, but is %s",
                training.accumulation());
        Check.argument(
                training.patience() == 0,
                "patience must be 0, since pre-training has no score, but is %s",
                training.patience());
        Check.argument(threads >= 1, "threads must be at least 1, but are %s", threads);
        Check.argument(checkpointEvery >= 0, "checkpointEvery must not be negative, but is %s", checkpointEvery);
        new LoaderOptions(training.batchSize(), threads, 1, training.seed()); // which checks the batch size
    }

    /**
     * The paper's (section 2.2): 1000 epochs of batches of 2048 by LARS, rate 0.2 for a batch of 256 in proportion, ten epochs of
     * warm-up, then a cosine to a thousandth.
     */
    public static PretrainConfig paper() {
        TrainConfig training = TrainConfig.defaults()
                .withEpochs(1000)
                .withBatchSize(2048)
                .withClipNorm(0)
                .withRateShape(RateShape.warmUpCosine(10, 0.001))
                .withOptimizer(OptimizerConfig.lars(), 0.2 * 2048 / BATCH_OF_RATE);
        return new PretrainConfig(training, ViewOptions.paper(), processors(), 0);
    }

    /** For pictures of about 32 pixels and one machine: 100 epochs of batches of 256 by AdamW, rate 0.002. */
    public static PretrainConfig smallImages(int size) {
        TrainConfig training = TrainConfig.defaults()
                .withEpochs(100)
                .withBatchSize(256)
                .withClipNorm(0)
                .withRateShape(RateShape.warmUpCosine(1, 0.001))
                .withOptimizer(OptimizerConfig.adamW(1e-4), 2e-3);
        return new PretrainConfig(training, ViewOptions.smallImages(size), processors(), 0);
    }

    private static int processors() {
        return Runtime.getRuntime().availableProcessors();
    }

    /** This configuration with another {@link #training}. */
    public PretrainConfig withTraining(TrainConfig newTraining) {
        return new PretrainConfig(newTraining, views, threads, checkpointEvery);
    }

    /** This configuration with other {@link #views}. */
    public PretrainConfig withViews(ViewOptions newViews) {
        return new PretrainConfig(training, newViews, threads, checkpointEvery);
    }

    /** This configuration with other {@link #threads}. */
    public PretrainConfig withThreads(int newThreads) {
        return new PretrainConfig(training, views, newThreads, checkpointEvery);
    }

    /** This configuration with another {@link #checkpointEvery}. */
    public PretrainConfig withCheckpointEvery(int steps) {
        return new PretrainConfig(training, views, threads, steps);
    }

    LoaderOptions loader() {
        return LoaderOptions.of(training.batchSize()).withThreads(threads).withSeed(training.seed());
    }
}
