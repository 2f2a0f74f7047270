package io.github.sherl4j.train;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/** What one training has come to so far. */
final class Progress {
    private final List<Double> losses = new ArrayList<>();
    private final List<Double> seconds = new ArrayList<>();
    private double lossSum;
    private long examples;
    private int bestEpoch;
    private double bestScore = Double.NEGATIVE_INFINITY;

    /** Epochs done. */
    int epochs() {
        return losses.size();
    }

    /** Steps done. */
    int steps() {
        return seconds.size();
    }

    /** The epoch with the best score, counted from 1, or 0 if there is none. */
    int bestEpoch() {
        return bestEpoch;
    }

    /** Adds a step of the epoch that runs. */
    void addStep(double loss, int batchSize, double stepSeconds) {
        lossSum += loss * batchSize;
        examples += batchSize;
        seconds.add(stepSeconds);
    }

    /** Ends the epoch. */
    void endEpoch() {
        losses.add(lossSum / examples);
        lossSum = 0;
        examples = 0;
    }

    /** Adds the score of the epoch that ended last, and returns whether it is the best so far. */
    boolean addScore(double score) {
        if (score > bestScore) {
            bestScore = score;
            bestEpoch = epochs();
            return true;
        }
        return false;
    }

    /** Whether there were so many epochs in a row without a better score; never if {@code patience} is 0. */
    boolean stalled(int patience) {
        return patience > 0 && epochs() - bestEpoch >= patience;
    }

    EpochReport epochReport(int totalEpochs, OptionalDouble score) {
        return new EpochReport(
                epochs(), totalEpochs, losses.get(losses.size() - 1), score, optionalBestEpoch(), optionalBestScore());
    }

    TrainReport report() {
        return new TrainReport(epochs(), steps(), optionalBestEpoch(), optionalBestScore(), losses, medianSeconds());
    }

    private OptionalInt optionalBestEpoch() {
        return bestEpoch == 0 ? OptionalInt.empty() : OptionalInt.of(bestEpoch);
    }

    private OptionalDouble optionalBestScore() {
        return bestEpoch == 0 ? OptionalDouble.empty() : OptionalDouble.of(bestScore);
    }

    private double medianSeconds() {
        double[] sorted = seconds.stream()
                .skip(seconds.size() > 1 ? 1 : 0)
                .mapToDouble(Double::doubleValue)
                .sorted()
                .toArray();
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
