package io.github.sherl4j.data;

import io.github.sherl4j.nd.Check;
import java.util.List;

/**
 * How bytes become a network's numbers: {@code (byte / 255 - mean) / deviation}, one mean and one deviation a channel. It says
 * how many channels there are, too.
 *
 * @param mean one number a channel, 1 (grey) or 3 (red, green, blue) of them, in units of the full range 0 to 1
 * @param deviation one positive number a channel
 */
public record PixelNorm(List<Double> mean, List<Double> deviation) {
    /** Colours of ImageNet: what torchvision's networks, and Barlow Twins, were trained with. */
    public static final PixelNorm IMAGENET = new PixelNorm(List.of(0.485, 0.456, 0.406), List.of(0.229, 0.224, 0.225));

    /** Colours of CLIP's training data. */
    public static final PixelNorm CLIP =
            new PixelNorm(List.of(0.48145466, 0.4578275, 0.40821073), List.of(0.26862954, 0.26130258, 0.27577711));

    /** Three channels from 0 to 1. */
    public static final PixelNorm NONE = new PixelNorm(List.of(0.0, 0.0, 0.0), List.of(1.0, 1.0, 1.0));

    private static final int VALUES = 256;

    /** Checks the numbers. */
    public PixelNorm {
        mean = List.copyOf(mean);
        deviation = List.copyOf(deviation);
        Check.argument(
                mean.size() == 1 || mean.size() == 3,
                "mean must have 1 number (grey) or 3 (red, green, blue), but has %s",
                mean.size());
        Check.argument(
                deviation.size() == mean.size(),
                "deviation must have %s numbers, as mean does, but has %s",
                mean.size(),
                deviation.size());
        for (double number : mean) {
            Check.argument(Double.isFinite(number), "mean must be finite, but is %s", mean);
        }
        for (double number : deviation) {
            Check.argument(number > 0 && Double.isFinite(number), "deviation must be positive, but is %s", deviation);
        }
    }

    /** One grey channel. */
    public static PixelNorm grey(double mean, double deviation) {
        return new PixelNorm(List.of(mean), List.of(deviation));
    }

    /** The number of channels, 1 or 3. */
    public int channels() {
        return mean.size();
    }

    /**
     * What each byte becomes.
     *
     * @return [channels, 256], owned by the caller; computed in single precision in the order of the formula
     */
    public float[][] table() {
        float[][] table = new float[channels()][VALUES];
        for (int channel = 0; channel < channels(); channel++) {
            float center = mean.get(channel).floatValue();
            float scale = deviation.get(channel).floatValue();
            for (int value = 0; value < VALUES; value++) {
                table[channel][value] = (value / 255f - center) / scale;
            }
        }
        return table;
    }
}
