package io.github.sherl4j.examples;

import java.util.List;
import java.util.SplittableRandom;

/** Pictures of two rows and two columns of emoji, by number: equal seeds give equal pictures. */
final class EmojiCells {
    /** Emoji whose names are one word. */
    static final List<String> NAMES = List.of(
            "dog",
            "owl",
            "whale",
            "crab",
            "sunflower",
            "cactus",
            "banana",
            "strawberry",
            "castle",
            "bus",
            "umbrella",
            "key");

    /** Other words for {@link #NAMES}, in their order. */
    static final List<String> OTHER_NAMES = List.of(
            "puppy", "bird", "giant", "pincher", "blossom", "spikes", "fruit", "berry", "fort", "coach", "parasol",
            "opener");

    /** Names of the cells, row by row. */
    static final List<String> PLACES = List.of("first", "second", "third", "fourth");

    /** Other words for {@link #PLACES}, in their order. */
    static final List<String> OTHER_PLACES = List.of("alpha", "beta", "gamma", "delta");

    private static final int PATCH = 8;

    /** A place weighs about as much as a picture. */
    private static final float PLACE = 8;

    private final float[][] patches;

    EmojiCells(EmojiData data) {
        patches = NAMES.stream()
                .map(name -> data.all().stream()
                        .filter(emoji -> emoji.name().equals(name))
                        .findFirst()
                        .orElseThrow())
                .map(emoji -> patch(data.picture(emoji)))
                .toArray(float[][]::new);
    }

    /** The four emoji of a picture, row by row. Some are alike more often than by chance. */
    static int[] draw(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int favourite = random.nextInt(NAMES.size());
        int[] cells = new int[PLACES.size()];
        for (int i = 0; i < cells.length; i++) {
            cells[i] = random.nextInt(3) == 0 ? favourite : random.nextInt(NAMES.size());
        }
        return cells;
    }

    /** Length of a cell's features: its pixels, made few, and its place. */
    static int width() {
        return PATCH * PATCH * EmojiData.CHANNELS + PLACES.size();
    }

    /** Features [4, width] of a picture. */
    float[] features(int... cells) {
        float[] features = new float[cells.length * width()];
        for (int i = 0; i < cells.length; i++) {
            float[] patch = patches[cells[i]];
            System.arraycopy(patch, 0, features, i * width(), patch.length);
            features[i * width() + patch.length + i] = PLACE;
        }
        return features;
    }

    /** Means over squares of pixels, around 0. */
    private static float[] patch(byte[] picture) {
        int square = EmojiData.SIDE / PATCH;
        float[] patch = new float[PATCH * PATCH * EmojiData.CHANNELS];
        for (int row = 0; row < EmojiData.SIDE; row++) {
            for (int column = 0; column < EmojiData.SIDE; column++) {
                for (int channel = 0; channel < EmojiData.CHANNELS; channel++) {
                    int value = picture[(row * EmojiData.SIDE + column) * EmojiData.CHANNELS + channel] & 0xff;
                    patch[(row / square * PATCH + column / square) * EmojiData.CHANNELS + channel] +=
                            (value / 127.5f - 1) / (square * square);
                }
            }
        }
        return patch;
    }
}
