package io.github.sherl4j.train;

import io.github.sherl4j.nd.Check;
import org.nd4j.linalg.learning.config.IUpdater;

/**
 * How to train. Immutable; start from {@link #defaults()}.
 *
 * @param epochs passes over the data set, fewer if it stops early
 * @param batchSize examples that make up one step
 * @param accumulation into how many nearly equal parts each batch is cut, which are run one after another: the same
 *     gradient in less memory, except where examples of one batch see each other, as in batch norm; 1 for whole batches
 * @param peakRate the highest learning rate
 * @param rateShape how the rate runs below its peak
 * @param clipNorm gradients whose norm over all parameters is larger are scaled down to it; 0 for no clipping
 * @param seed seed of shuffling and dropout; equal seeds give equal weights to the last bit on the same machine
 * @param patience stop after so many epochs in a row without a better validation score; 0 for never
 * @param keepBest whether the model ends up with the weights of the epoch with the best validation score, and not with
 *     the last ones
 * @param optimizer by which rule parameters move; {@code peakRate} and {@code rateShape} replace its updater's own rate
 */
public record TrainConfig(
        int epochs,
        int batchSize,
        int accumulation,
        double peakRate,
        RateShape rateShape,
        double clipNorm,
        long seed,
        int patience,
        boolean keepBest,
        OptimizerConfig optimizer) {

    /** Checks the numbers. */
    public TrainConfig {
        Check.argument(epochs > 0, "epochs must be positive, but is %s", epochs);
        Check.argument(batchSize > 0, "batchSize must be positive, but is %s", batchSize);
        Check.argument(
                accumulation > 0 && accumulation <= batchSize,
                "accumulation must be from 1 to batchSize = %s, but is %s",
                batchSize,
                accumulation);
        Check.argument(peakRate > 0 && Double.isFinite(peakRate), "peakRate must be positive, but is %s", peakRate);
        Check.argument(
                optimizer.decay() == OptimizerConfig.Decay.IN_GRADIENT || optimizer.weightDecay() * peakRate < 1,
                "weightDecay must be from 0 to less than 1 / peakRate = %s, but is %s",
                1 / peakRate,
                optimizer.weightDecay());
        Check.argument(
                clipNorm >= 0 && Double.isFinite(clipNorm),
                "clipNorm must be positive, or 0 for no clipping, but is %s",
                clipNorm);
        Check.argument(patience >= 0, "patience must not be negative, but is %s", patience);
    }

    /** Three epochs of AdamW at batch size 32 and rate 0.001, linear with a tenth of warm-up, norms clipped at 1. */
    public static TrainConfig defaults() {
        return new TrainConfig(3, 32, 1, 1e-3, RateShape.linear(0.1), 1, 42, 0, true, OptimizerConfig.adamW(0.01));
    }

    /** This configuration with another {@link #epochs}. */
    public TrainConfig withEpochs(int newEpochs) {
        return new TrainConfig(
                newEpochs, batchSize, accumulation, peakRate, rateShape, clipNorm, seed, patience, keepBest, optimizer);
    }

    /** This configuration with another {@link #batchSize}. */
    public TrainConfig withBatchSize(int newBatchSize) {
        return new TrainConfig(
                epochs, newBatchSize, accumulation, peakRate, rateShape, clipNorm, seed, patience, keepBest, optimizer);
    }

    /** This configuration with another {@link #accumulation}. */
    public TrainConfig withAccumulation(int newAccumulation) {
        return new TrainConfig(
                epochs, batchSize, newAccumulation, peakRate, rateShape, clipNorm, seed, patience, keepBest, optimizer);
    }

    /** This configuration with another {@link #peakRate}. */
    public TrainConfig withPeakRate(double newPeakRate) {
        return new TrainConfig(
                epochs, batchSize, accumulation, newPeakRate, rateShape, clipNorm, seed, patience, keepBest, optimizer);
    }

    /** This configuration with another {@link #rateShape}. */
    public TrainConfig withRateShape(RateShape newRateShape) {
        return new TrainConfig(
                epochs, batchSize, accumulation, peakRate, newRateShape, clipNorm, seed, patience, keepBest, optimizer);
    }

    /** The optimizer's weight decay. */
    public double weightDecay() {
        return optimizer.weightDecay();
    }

    /** This configuration with another weight decay. */
    public TrainConfig withWeightDecay(double newWeightDecay) {
        return withOptimizer(optimizer.withWeightDecay(newWeightDecay), peakRate);
    }

    /** This configuration with another {@link #clipNorm}. */
    public TrainConfig withClipNorm(double newClipNorm) {
        return new TrainConfig(
                epochs, batchSize, accumulation, peakRate, rateShape, newClipNorm, seed, patience, keepBest, optimizer);
    }

    /** This configuration with another {@link #seed}. */
    public TrainConfig withSeed(long newSeed) {
        return new TrainConfig(
                epochs, batchSize, accumulation, peakRate, rateShape, clipNorm, newSeed, patience, keepBest, optimizer);
    }

    /** This configuration with another {@link #patience}. */
    public TrainConfig withPatience(int newPatience) {
        return new TrainConfig(
                epochs, batchSize, accumulation, peakRate, rateShape, clipNorm, seed, newPatience, keepBest, optimizer);
    }

    /** This configuration with another {@link #keepBest}. */
    public TrainConfig withKeepBest(boolean newKeepBest) {
        return new TrainConfig(
                epochs, batchSize, accumulation, peakRate, rateShape, clipNorm, seed, patience, newKeepBest, optimizer);
    }

    /** A copy of the optimizer's updater. */
    public IUpdater updater() {
        return optimizer.updater();
    }

    /**
     * This configuration with another updater.
     *
     * @param newUpdater any of ND4J's; its own learning rate is not used
     * @param newPeakRate the highest learning rate, which differs much from one updater to another
     */
    public TrainConfig withUpdater(IUpdater newUpdater, double newPeakRate) {
        return withOptimizer(optimizer.withUpdater(newUpdater), newPeakRate);
    }

    /**
     * This configuration with another {@link #optimizer}.
     *
     * @param newPeakRate the highest learning rate, which differs much from one optimizer to another
     */
    public TrainConfig withOptimizer(OptimizerConfig newOptimizer, double newPeakRate) {
        return new TrainConfig(
                epochs,
                batchSize,
                accumulation,
                newPeakRate,
                rateShape,
                clipNorm,
                seed,
                patience,
                keepBest,
                newOptimizer);
    }
}
