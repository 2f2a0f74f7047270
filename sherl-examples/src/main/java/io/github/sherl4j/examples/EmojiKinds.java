package io.github.sherl4j.examples;

import java.util.List;
import java.util.SplittableRandom;

/** Pictures of two rows and two columns of emoji out of 24, four of each of six kinds: equal seeds give equal pictures. */
final class EmojiKinds {
    /** The words for the kinds. */
    static final List<String> KINDS = List.of("animal", "plant", "food", "vehicle", "building", "instrument");

    /** The names of the emoji, kind by kind. */
    static final List<String> NAMES = List.of(
            "dog",
            "owl",
            "whale",
            "crab",
            "sunflower",
            "cactus",
            "tulip",
            "mushroom",
            "banana",
            "strawberry",
            "pizza",
            "carrot",
            "bus",
            "rocket",
            "bicycle",
            "sailboat",
            "castle",
            "house",
            "church",
            "hut",
            "guitar",
            "violin",
            "trumpet",
            "drum");

    /** The words for the cells, row by row. */
    static final List<String> PLACES = List.of("first", "second", "third", "fourth");

    private static final int OF_A_KIND = NAMES.size() / KINDS.size();
    private static final int PATCH = 6;

    /** Length of a picture, on average, and of a place. */
    private static final float LENGTH = 2;

    private final float[][] patches;

    EmojiKinds(EmojiData data) {
        patches = NAMES.stream()
                .map(name -> data.all().stream()
                        .filter(emoji -> emoji.name().equals(name))
                        .findFirst()
                        .orElseThrow())
                .map(emoji -> patch(data.picture(emoji)))
                .toArray(float[][]::new);
        centre(patches);
    }

    /** The four emoji of a picture, row by row. Some are of one kind more often than by chance, so that there is something to count. */
    static int[] draw(SplittableRandom random) {
        int favourite = random.nextInt(KINDS.size());
        int[] cells = new int[PLACES.size()];
        for (int i = 0; i < cells.length; i++) {
            int kind = random.nextInt(3) == 0 ? favourite : random.nextInt(KINDS.size());
            cells[i] = kind * OF_A_KIND + random.nextInt(OF_A_KIND);
        }
        return cells;
    }

    /** The kind of an emoji, as an index of {@link #KINDS}. */
    static int kind(int emoji) {
        return emoji / OF_A_KIND;
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
            features[i * width() + patch.length + i] = LENGTH;
        }
        return features;
    }

    /** Means over squares of pixels. */
    private static float[] patch(byte[] picture) {
        int square = EmojiData.SIDE / PATCH;
        float[] patch = new float[PATCH * PATCH * EmojiData.CHANNELS];
        for (int row = 0; row < EmojiData.SIDE; row++) {
            for (int column = 0; column < EmojiData.SIDE; column++) {
                for (int channel = 0; channel < EmojiData.CHANNELS; channel++) {
                    int value = picture[(row * EmojiData.SIDE + column) * EmojiData.CHANNELS + channel] & 0xff;
                    patch[(row / square * PATCH + column / square) * EmojiData.CHANNELS + channel] +=
                            value / (255f * square * square);
                }
            }
        }
        return patch;
    }

    /** What all emoji have in common, white corners above all, would be most of every feature, and the norm behind would keep it. */
    private static void centre(float[][] patches) {
        double squares = 0;
        for (int i = 0; i < patches[0].length; i++) {
            float mean = 0;
            for (float[] patch : patches) {
                mean += patch[i] / patches.length;
            }
            for (float[] patch : patches) {
                patch[i] -= mean;
                squares += patch[i] * patch[i];
            }
        }
        float scale = (float) (LENGTH / Math.sqrt(squares / patches.length));
        for (float[] patch : patches) {
            for (int i = 0; i < patch.length; i++) {
                patch[i] *= scale;
            }
        }
    }
}
