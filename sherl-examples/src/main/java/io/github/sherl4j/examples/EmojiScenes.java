package io.github.sherl4j.examples;

import io.github.sherl4j.data.Box;
import io.github.sherl4j.data.ImageSource;
import io.github.sherl4j.data.Interpolation;
import io.github.sherl4j.data.Picture;
import io.github.sherl4j.data.Region;
import io.github.sherl4j.data.SceneExample;
import io.github.sherl4j.nd.Rng;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeSet;

/**
 * Pictures of two emoji at any place, and a text that names both, in the order of chance. The small network learns the emoji's names
 * before it is frozen; what it is adapted to are other words for them, which it has never seen.
 */
final class EmojiScenes {
    /** Width and height of a picture. */
    static final int SIDE = 20;

    private static final int EMOJI = 8;

    private static final int ATTEMPTS = 100;

    private final List<SceneExample> examples;
    private final List<Picture> pictures;

    private EmojiScenes(List<SceneExample> examples, List<Picture> pictures) {
        this.examples = examples;
        this.pictures = pictures;
    }

    /** Texts of the emoji's names. */
    static EmojiScenes named(EmojiData data, int count, long seed) {
        return draw(data, EmojiCells.NAMES, count, seed);
    }

    /** Texts of other words. */
    static EmojiScenes renamed(EmojiData data, int count, long seed) {
        return draw(data, EmojiCells.OTHER_NAMES, count, seed);
    }

    private static EmojiScenes draw(EmojiData data, List<String> words, int count, long seed) {
        List<Picture> emoji = EmojiCells.NAMES.stream()
                .map(name -> data.all().stream()
                        .filter(one -> one.name().equals(name))
                        .findFirst()
                        .orElseThrow())
                .map(one -> Picture.of(
                                one.name(),
                                Picture.NO_LABEL,
                                EmojiData.SIDE,
                                EmojiData.SIDE,
                                EmojiData.CHANNELS,
                                data.picture(one))
                        .resized(
                                new Region(0, 0, EmojiData.SIDE, EmojiData.SIDE), EMOJI, EMOJI, Interpolation.BILINEAR))
                .toList();
        List<SceneExample> examples = new ArrayList<>();
        List<Picture> pictures = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            SplittableRandom random = new SplittableRandom(Rng.derive(seed, i));
            int first = random.nextInt(words.size());
            int second = (first + 1 + random.nextInt(words.size() - 1)) % words.size();
            int[][] places = places(random);
            byte[] pixels = new byte[SIDE * SIDE * EmojiData.CHANNELS];
            Arrays.fill(pixels, (byte) 255);
            paste(emoji.get(first), pixels, places[0]);
            paste(emoji.get(second), pixels, places[1]);
            String name = "scene " + i;
            String before = "find the ";
            String between = " and the ";
            int start = before.length() + words.get(first).length() + between.length();
            examples.add(new SceneExample(
                    name,
                    SIDE,
                    SIDE,
                    before + words.get(first) + between + words.get(second),
                    List.of(
                            phrase(before.length(), words.get(first), places[0]),
                            phrase(start, words.get(second), places[1]))));
            pictures.add(Picture.of(name, Picture.NO_LABEL, SIDE, SIDE, EmojiData.CHANNELS, pixels));
        }
        return new EmojiScenes(examples, pictures);
    }

    private static SceneExample.Phrase phrase(int start, String word, int... place) {
        return new SceneExample.Phrase(
                List.of(new SceneExample.Span(start, start + word.length())),
                Box.ofPixels(place[0], place[1], EMOJI, EMOJI, SIDE, SIDE));
    }

    /** Two places that do not overlap: left and upper edges. */
    private static int[][] places(SplittableRandom random) {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            int[] drawn = random.ints(4, 0, SIDE - EMOJI + 1).toArray();
            if (Math.abs(drawn[0] - drawn[2]) >= EMOJI || Math.abs(drawn[1] - drawn[3]) >= EMOJI) {
                return new int[][] {{drawn[0], drawn[1]}, {drawn[2], drawn[3]}};
            }
        }
        return new int[][] {{0, 0}, {SIDE - EMOJI, SIDE - EMOJI}};
    }

    private static void paste(Picture emoji, byte[] pixels, int... place) {
        int row = EMOJI * EmojiData.CHANNELS;
        byte[] own = emoji.pixels();
        for (int y = 0; y < EMOJI; y++) {
            int target = ((place[1] + y) * SIDE + place[0]) * EmojiData.CHANNELS;
            System.arraycopy(own, y * row, pixels, target, row);
        }
    }

    List<SceneExample> examples() {
        return examples;
    }

    ImageSource pictures() {
        return new ImageSource() {
            @Override
            public int size() {
                return pictures.size();
            }

            @Override
            public List<String> labels() {
                return List.of();
            }

            @Override
            public int label(int index) {
                return Picture.NO_LABEL;
            }

            @Override
            public String name(int index) {
                return pictures.get(index).name();
            }

            @Override
            public Optional<Picture> picture(int index) {
                return Optional.of(pictures.get(index));
            }

            @Override
            public int skipped() {
                return 0;
            }
        };
    }

    /** Every word of any text. */
    static List<String> words() {
        TreeSet<String> words = new TreeSet<>(List.of("find", "the", "and"));
        words.addAll(EmojiCells.NAMES);
        words.addAll(EmojiCells.OTHER_NAMES);
        return List.copyOf(words);
    }
}
