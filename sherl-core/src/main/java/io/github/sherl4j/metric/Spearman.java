package io.github.sherl4j.metric;

import io.github.sherl4j.nd.Check;
import org.apache.commons.math3.stat.correlation.SpearmansCorrelation;

/** Spearman's rank correlation, such as that of predicted and judged similarities of texts. */
public final class Spearman {
    private Spearman() {}

    /**
     * The correlation of the ranks, where equal numbers share the mean of their ranks.
     *
     * @param predicted not modified
     * @param actual as many, not modified
     * @return from -1 to 1; NaN if all numbers of one side are equal, where it is not defined
     */
    public static double of(double[] predicted, double[] actual) {
        Check.argument(
                predicted.length == actual.length,
                "predicted and actual must be equally many, but are %s and %s",
                predicted.length,
                actual.length);
        Check.argument(predicted.length >= 2, "predicted must be at least 2 numbers, but are %s", predicted.length);
        checkNumbers("predicted", predicted);
        checkNumbers("actual", actual);
        return new SpearmansCorrelation().correlation(predicted, actual);
    }

    private static void checkNumbers(String name, double[] numbers) {
        for (int i = 0; i < numbers.length; i++) {
            Check.argument(!Double.isNaN(numbers[i]), "%s must be numbers, but entry %s is NaN", name, i);
        }
    }
}
