package io.github.sherl4j.examples;

import io.github.sherl4j.data.FeatureRows;
import io.github.sherl4j.data.QuestionExample;
import io.github.sherl4j.data.VisualFeatures;
import io.github.sherl4j.nd.Rng;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeSet;

/**
 * Templated questions about pictures of emoji: what is at a place, and whether an emoji is there. The small network learns from
 * questions that use the first words for places and emoji, before it is frozen; it is adapted to questions with other words for
 * them, which it has never seen. All have as many words, so that batches, which are cut by length, have questions of both kinds.
 */
final class EmojiQuestions {
    private static final List<String> WORDS =
            List.of("what", "is", "in", "the", "cell", "there", "a", "here", "now", "?");

    private final List<QuestionExample> examples;
    private final VisualFeatures features;

    private EmojiQuestions(List<QuestionExample> examples, VisualFeatures features) {
        this.examples = examples;
        this.features = features;
    }

    /** Questions that the small network learns from first. */
    static EmojiQuestions first(EmojiData data, int count, long seed) {
        return draw(data, count, seed, EmojiQuestions::firstKind);
    }

    /** Questions that it is adapted to. */
    static EmojiQuestions second(EmojiData data, int count, long seed) {
        return draw(data, count, seed, EmojiQuestions::secondKind);
    }

    private interface Kind {
        String[] ask(int[] cells, SplittableRandom random);
    }

    private static EmojiQuestions draw(EmojiData data, int count, long seed, Kind kind) {
        EmojiCells cells = new EmojiCells(data);
        List<QuestionExample> examples = new ArrayList<>(count);
        Map<String, FeatureRows> features = new HashMap<>();
        for (int i = 0; i < count; i++) {
            long own = Rng.derive(seed, i);
            int[] drawn = EmojiCells.draw(own);
            String[] asked = kind.ask(drawn, new SplittableRandom(Rng.derive(own, 1)));
            String name = "picture " + i;
            features.put(name, new FeatureRows(EmojiCells.width(), cells.features(drawn)));
            examples.add(new QuestionExample(String.valueOf(i), name, asked[0], Map.of(asked[1], 1.0)));
        }
        return new EmojiQuestions(examples, VisualFeatures.of(features));
    }

    private static String[] firstKind(int[] cells, SplittableRandom random) {
        return ask(cells, random, EmojiCells.PLACES, EmojiCells.NAMES);
    }

    private static String[] secondKind(int[] cells, SplittableRandom random) {
        return ask(cells, random, EmojiCells.OTHER_PLACES, EmojiCells.OTHER_NAMES);
    }

    /** Answers are the usual names; what is asked for goes by the given words. */
    private static String[] ask(int[] cells, SplittableRandom random, List<String> places, List<String> names) {
        int place = random.nextInt(cells.length);
        if (random.nextBoolean()) {
            return new String[] {"what is in the " + places.get(place) + " cell ?", EmojiCells.NAMES.get(cells[place])};
        }
        int emoji = random.nextBoolean() ? cells[place] : random.nextInt(names.size());
        boolean there = Arrays.stream(cells).anyMatch(cell -> cell == emoji);
        return new String[] {"is there a " + names.get(emoji) + " here now ?", there ? "yes" : "no"};
    }

    List<QuestionExample> examples() {
        return examples;
    }

    VisualFeatures features() {
        return features;
    }

    /** Every word of any question. */
    static List<String> words() {
        TreeSet<String> words = new TreeSet<>(WORDS);
        words.addAll(EmojiCells.NAMES);
        words.addAll(EmojiCells.OTHER_NAMES);
        words.addAll(EmojiCells.PLACES);
        words.addAll(EmojiCells.OTHER_PLACES);
        return List.copyOf(words);
    }
}
