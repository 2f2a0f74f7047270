package io.github.sherl4j.barlow.view;

import io.github.sherl4j.nd.Check;

/**
 * Gaussian blur with a probability.
 *
 * @param probability of a blur
 * @param minSigma the least deviation of the Gaussian in pixels, at least 0
 * @param maxSigma the largest
 */
public record BlurOptions(double probability, double minSigma, double maxSigma) {
    /** None. */
    public static final BlurOptions NONE = new BlurOptions(0, 0.1, 2);

    /** Checks the numbers. */
    public BlurOptions {
        ViewRecipe.requireProbability("probability", probability);
        Check.argument(
                minSigma >= 0 && minSigma <= maxSigma && Double.isFinite(maxSigma),
                "minSigma and maxSigma must be at least 0 and in order, but are %s and %s",
                minSigma,
                maxSigma);
    }

    /** The paper's range of deviations, 0.1 to 2 pixels, with a probability. */
    public static BlurOptions paper(double probability) {
        return new BlurOptions(probability, 0.1, 2);
    }
}
