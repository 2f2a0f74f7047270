package io.github.sherl4j.examples;

import io.github.sherl4j.data.Box;
import io.github.sherl4j.data.ImageSource;
import io.github.sherl4j.data.Interpolation;
import io.github.sherl4j.data.Picture;
import io.github.sherl4j.data.Region;
import io.github.sherl4j.data.SceneExample;
import io.github.sherl4j.nd.Rng;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * Pictures of an emoji at any place, and texts that name it among other words. The small network learns from living beings on pale
 * paper. What it is adapted to are things on dark paper, by words that it has never seen.
 */
final class EmojiScenes {
    /** Width and height of a picture. */
    static final int SIDE = 16;

    private static final int EMOJI = 8;

    /** Emoji lie on every second pixel. */
    private static final int GRID = 2;

    /** Emoji whose names are one word. */
    private static final List<String> NAMES = List.of(
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
    private static final List<String> OTHER_NAMES = List.of(
            "puppy", "bird", "giant", "pincher", "blossom", "spikes", "fruit", "berry", "fort", "coach", "parasol",
            "opener");

    /** So many of {@link #NAMES}, the first ones, are living beings; the others are things. */
    private static final int LIVING = 6;

    /** From this brightness on a pixel of an emoji is its own paper. */
    private static final int WHITE = 251;

    private static final int NOISE = 10;

    private static final List<String> OPENINGS = List.of("find the ", "the ", "find ", "and find the ");

    private final List<SceneExample> examples;
    private final List<Picture> pictures;

    private EmojiScenes(List<SceneExample> examples, List<Picture> pictures) {
        this.examples = examples;
        this.pictures = pictures;
    }

    /** Living beings on pale paper, by their names. */
    static EmojiScenes pale(EmojiData data, int count, long seed) {
        return draw(data, NAMES, new Kind(0, LIVING, 150, 255), count, seed);
    }

    /** Things on dark paper, by other words. */
    static EmojiScenes dark(EmojiData data, int count, long seed) {
        return draw(data, OTHER_NAMES, new Kind(LIVING, NAMES.size(), 0, 120), count, seed);
    }

    /**
     * What pictures have in common.
     *
     * @param from the first of {@link #NAMES} that are in them
     * @param to the one behind the last
     * @param darkest brightness of paper, of each colour by itself
     * @param brightest likewise
     */
    private record Kind(int from, int to, int darkest, int brightest) {}

    private static EmojiScenes draw(EmojiData data, List<String> words, Kind kind, int count, long seed) {
        List<Picture> emoji = NAMES.stream()
                .map(name -> data.all().stream()
                        .filter(one -> one.name().equals(name))
                        .findFirst()
                        .orElseThrow())
                .map(one -> small(data, one))
                .toList();
        List<SceneExample> examples = new ArrayList<>();
        List<Picture> pictures = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            SplittableRandom random = new SplittableRandom(Rng.derive(seed, i));
            int one = random.nextInt(kind.from, kind.to);
            int left = GRID * random.nextInt((SIDE - EMOJI) / GRID + 1);
            int top = GRID * random.nextInt((SIDE - EMOJI) / GRID + 1);
            byte[] pixels = paper(random, kind);
            paste(emoji.get(one), pixels, left, top);
            String before = OPENINGS.get(random.nextInt(OPENINGS.size()));
            String name = "scene " + i;
            SceneExample.Phrase phrase = new SceneExample.Phrase(
                    List.of(new SceneExample.Span(
                            before.length(), before.length() + words.get(one).length())),
                    Box.ofPixels(left, top, EMOJI, EMOJI, SIDE, SIDE));
            examples.add(new SceneExample(name, SIDE, SIDE, before + words.get(one), List.of(phrase)));
            pictures.add(Picture.of(name, Picture.NO_LABEL, SIDE, SIDE, EmojiData.CHANNELS, pixels));
        }
        return new EmojiScenes(examples, pictures);
    }

    private static byte[] paper(SplittableRandom random, Kind kind) {
        int[] colour = random.ints(EmojiData.CHANNELS, kind.darkest, kind.brightest + 1)
                .toArray();
        byte[] pixels = new byte[SIDE * SIDE * EmojiData.CHANNELS];
        for (int i = 0; i < pixels.length; i++) {
            int noisy = colour[i % EmojiData.CHANNELS] + random.nextInt(-NOISE, NOISE + 1);
            pixels[i] = (byte) Math.max(0, Math.min(255, noisy));
        }
        return pixels;
    }

    private static Picture small(EmojiData data, Emoji emoji) {
        Region whole = new Region(0, 0, EmojiData.SIDE, EmojiData.SIDE);
        return Picture.of(
                        emoji.name(),
                        Picture.NO_LABEL,
                        EmojiData.SIDE,
                        EmojiData.SIDE,
                        EmojiData.CHANNELS,
                        data.picture(emoji))
                .resized(whole, EMOJI, EMOJI, Interpolation.BILINEAR);
    }

    /** Puts an emoji on a picture, without its own white paper. */
    private static void paste(Picture emoji, byte[] pixels, int left, int top) {
        byte[] own = emoji.pixels();
        for (int y = 0; y < EMOJI; y++) {
            for (int x = 0; x < EMOJI; x++) {
                int from = (y * EMOJI + x) * EmojiData.CHANNELS;
                boolean paper =
                        IntStream.range(from, from + EmojiData.CHANNELS).allMatch(i -> (own[i] & 0xff) >= WHITE);
                if (!paper) {
                    int to = ((top + y) * SIDE + left + x) * EmojiData.CHANNELS;
                    System.arraycopy(own, from, pixels, to, EmojiData.CHANNELS);
                }
            }
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
        words.addAll(NAMES);
        words.addAll(OTHER_NAMES);
        return List.copyOf(words);
    }
}
