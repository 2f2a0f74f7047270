package io.github.sherl4j.barlow.view;

import io.github.sherl4j.data.Picture;
import io.github.sherl4j.data.Region;
import io.github.sherl4j.nd.Rng;
import java.util.SplittableRandom;

/** Makes views of single pictures. Immutable, so safe for use by several threads at once. */
public final class ViewMaker {
    private static final int CHANNELS = 3;

    private final ViewOptions options;
    private final float[][] numbers;

    /** Which of the two views. */
    public enum View {
        /** The view that goes through the network first. */
        FIRST(0),
        /** The view that goes through it second. */
        SECOND(1);

        private final int number;

        View(int number) {
            this.number = number;
        }

        /** 0 for the first, 1 for the second: part of every seed, and the place in a pair. */
        int number() {
            return number;
        }
    }

    /** Prepares for some options. */
    public ViewMaker(ViewOptions options) {
        this.options = options;
        this.numbers = options.norm().table();
    }

    /** The number of floats in a view. */
    public int length() {
        return options.size() * options.size() * options.norm().channels();
    }

    /** The seed of all that happens to one picture in one epoch on the way to one view. */
    public static long seed(long seed, long epoch, long index, View view) {
        return Rng.derive(Rng.derive(Rng.derive(seed, epoch), index), view.number());
    }

    /**
     * Makes a view in the paper's order: crop, flip, jitter, grey, blur, solarize. Not normalised yet.
     *
     * @param picture grey or in colour; a grey one is treated as three equal channels
     * @param view which of the two recipes
     * @param seed equal seeds give equal views, bit for bit
     * @return a square of the options' size with their number of channels, and the picture's name and label
     */
    public Picture view(Picture picture, View view, long seed) {
        ViewRecipe recipe = view == View.FIRST ? options.first() : options.second();
        SplittableRandom random = new SplittableRandom(seed);
        int size = options.size();
        Region region = RandomCrop.draw(picture.width(), picture.height(), recipe.crop(), random);
        byte[] rgb = picture.resized(region, size, size, recipe.crop().interpolation())
                .withChannels(CHANNELS)
                .pixels();
        if (happens(recipe.flip(), random)) {
            flip(rgb, size, size);
        }
        if (happens(recipe.jitter().probability(), random)) {
            jitter(rgb, recipe.jitter(), random);
        }
        if (happens(recipe.grey(), random)) {
            Colors.grey(rgb);
        }
        if (happens(recipe.blur().probability(), random)) {
            BlurOptions blur = recipe.blur();
            float sigma = (float) RandomCrop.uniform(random, blur.minSigma(), blur.maxSigma());
            GaussianBlur.blur(rgb, size, size, sigma);
        }
        if (happens(recipe.solarize(), random)) {
            Colors.solarize(rgb);
        }
        return Picture.of(picture.name(), picture.label(), size, size, CHANNELS, rgb)
                .withChannels(options.norm().channels());
    }

    /**
     * Normalises a view.
     *
     * @param view what {@link #view} made
     * @param target [size, size, channels] in C order, overwritten
     */
    public void normalize(Picture view, float[] target) {
        byte[] pixels = view.pixels();
        int channels = numbers.length;
        for (int i = 0; i < pixels.length; i++) {
            target[i] = numbers[i % channels][pixels[i] & 0xff];
        }
    }

    private static boolean happens(double probability, SplittableRandom random) {
        return random.nextDouble() < probability;
    }

    private static void jitter(byte[] rgb, JitterOptions jitter, SplittableRandom random) {
        float brightness = factor(jitter.brightness(), random);
        float contrast = factor(jitter.contrast(), random);
        float saturation = factor(jitter.saturation(), random);
        double hue = RandomCrop.uniform(random, -jitter.hue(), jitter.hue());
        for (int operation : order(random)) {
            switch (operation) {
                case 0 -> Colors.brightness(rgb, brightness);
                case 1 -> Colors.contrast(rgb, contrast);
                case 2 -> Colors.saturation(rgb, saturation);
                default -> {
                    if (jitter.hue() > 0) {
                        Hue.turn(rgb, hue);
                    }
                }
            }
        }
    }

    private static float factor(double strength, SplittableRandom random) {
        return (float) RandomCrop.uniform(random, Math.max(0, 1 - strength), 1 + strength);
    }

    static int[] order(SplittableRandom random) {
        int[] order = {0, 1, 2, 3};
        for (int i = order.length - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            int kept = order[i];
            order[i] = order[j];
            order[j] = kept;
        }
        return order;
    }

    static void flip(byte[] rgb, int width, int height) {
        for (int y = 0; y < height; y++) {
            int left = y * width * CHANNELS;
            int right = left + (width - 1) * CHANNELS;
            for (; left < right; left += CHANNELS, right -= CHANNELS) {
                for (int channel = 0; channel < CHANNELS; channel++) {
                    byte kept = rgb[left + channel];
                    rgb[left + channel] = rgb[right + channel];
                    rgb[right + channel] = kept;
                }
            }
        }
    }
}
