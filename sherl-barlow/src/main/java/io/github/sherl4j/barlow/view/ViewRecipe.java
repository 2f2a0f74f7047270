package io.github.sherl4j.barlow.view;

import io.github.sherl4j.nd.Check;

/**
 * What may happen to a picture on the way to one view, in this order (Barlow Twins, appendix A).
 *
 * @param crop a random resized crop, always
 * @param flip the probability of left and right being exchanged
 * @param jitter brightness, contrast, saturation and hue in random order
 * @param grey the probability of losing all colour
 * @param blur Gaussian blur
 * @param solarize the probability of solarization: values from 128 on are inverted
 */
public record ViewRecipe(
        CropOptions crop, double flip, JitterOptions jitter, double grey, BlurOptions blur, double solarize) {
    /** Checks the probabilities. */
    public ViewRecipe {
        requireProbability("flip", flip);
        requireProbability("grey", grey);
        requireProbability("solarize", solarize);
    }

    /** The paper's first view: always blurred, never solarized. */
    public static ViewRecipe paperFirst(int size) {
        return new ViewRecipe(CropOptions.paper(size), 0.5, JitterOptions.PAPER, 0.2, BlurOptions.paper(1), 0);
    }

    /** The paper's second view: blurred in 1 of 10 cases, solarized in 2 of 10. */
    public static ViewRecipe paperSecond(int size) {
        return paperFirst(size).withBlur(BlurOptions.paper(0.1)).withSolarize(0.2);
    }

    /** A crop and a flip alone, as for training a linear probe. */
    public static ViewRecipe cropAndFlip(int size) {
        return new ViewRecipe(CropOptions.paper(size), 0.5, JitterOptions.NONE, 0, BlurOptions.NONE, 0);
    }

    /** This recipe with another crop. */
    public ViewRecipe withCrop(CropOptions other) {
        return new ViewRecipe(other, flip, jitter, grey, blur, solarize);
    }

    /** This recipe with another probability of a flip. */
    public ViewRecipe withFlip(double probability) {
        return new ViewRecipe(crop, probability, jitter, grey, blur, solarize);
    }

    /** This recipe with another jitter. */
    public ViewRecipe withJitter(JitterOptions other) {
        return new ViewRecipe(crop, flip, other, grey, blur, solarize);
    }

    /** This recipe with another probability of losing colour. */
    public ViewRecipe withGrey(double probability) {
        return new ViewRecipe(crop, flip, jitter, probability, blur, solarize);
    }

    /** This recipe with another blur. */
    public ViewRecipe withBlur(BlurOptions other) {
        return new ViewRecipe(crop, flip, jitter, grey, other, solarize);
    }

    /** This recipe with another probability of solarization. */
    public ViewRecipe withSolarize(double probability) {
        return new ViewRecipe(crop, flip, jitter, grey, blur, probability);
    }

    static void requireProbability(String name, double value) {
        Check.argument(value >= 0 && value <= 1, "%s must be a probability from 0 to 1, but is %s", name, value);
    }
}
