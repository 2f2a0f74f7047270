package io.github.sherl4j.barlow.view;

import io.github.sherl4j.nd.Check;

/**
 * Colour jitter: with a probability, brightness, contrast, saturation and hue are changed in random order. The first three are
 * multiplied by a factor that is uniform from {@code max(0, 1 - x)} to {@code 1 + x}.
 *
 * @param probability of any change
 * @param brightness x of brightness, at least 0
 * @param contrast x of contrast, at least 0
 * @param saturation x of saturation, at least 0
 * @param hue the hue is turned by a share of the full circle that is uniform from {@code -hue} to {@code hue}; 0 to 0.5
 */
public record JitterOptions(double probability, double brightness, double contrast, double saturation, double hue) {
    /** None. */
    public static final JitterOptions NONE = new JitterOptions(0, 0, 0, 0, 0);

    /** The paper's. */
    public static final JitterOptions PAPER = new JitterOptions(0.8, 0.4, 0.4, 0.2, 0.1);

    /** Checks the numbers. */
    public JitterOptions {
        ViewRecipe.requireProbability("probability", probability);
        requireStrength("brightness", brightness);
        requireStrength("contrast", contrast);
        requireStrength("saturation", saturation);
        Check.argument(hue >= 0 && hue <= 0.5, "hue must be 0 to 0.5, but is %s", hue);
    }

    private static void requireStrength(String name, double value) {
        Check.argument(value >= 0 && Double.isFinite(value), "%s must be at least 0, but is %s", name, value);
    }
}
