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
 * Templated questions about pictures of emoji. The small network learns from the first kind before it is frozen: what is at a place,
 * and whether an emoji is there. The second kind is what it is adapted to: how many there are, and what is beside or below.
 */
final class EmojiQuestions {
    private static final List<String> WORDS =
            List.of("what", "is", "at", "the", "is", "there", "a", "how", "many", "beside", "below", "above", "?");

    private final List<QuestionExample> examples;
    private final VisualFeatures features;

    private EmojiQuestions(List<QuestionExample> examples, VisualFeatures features) {
        this.examples = examples;
        this.features = features;
    }

    /** Questions of the kind that the small network learns first. */
    static EmojiQuestions first(EmojiData data, int count, long seed) {
        return draw(data, count, seed, EmojiQuestions::firstKind);
    }

    /** Questions of the kind that it is adapted to. */
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
        int place = random.nextInt(cells.length);
        if (random.nextBoolean()) {
            return new String[] {
                "what is at the " + EmojiCells.PLACES.get(place) + " ?", EmojiCells.NAMES.get(cells[place])
            };
        }
        int emoji = random.nextBoolean() ? cells[place] : random.nextInt(EmojiCells.NAMES.size());
        boolean there = Arrays.stream(cells).anyMatch(cell -> cell == emoji);
        return new String[] {"is there a " + EmojiCells.NAMES.get(emoji) + " ?", there ? "yes" : "no"};
    }

    private static String[] secondKind(int[] cells, SplittableRandom random) {
        int place = random.nextInt(cells.length);
        int emoji = random.nextInt(5) > 0 ? cells[place] : random.nextInt(EmojiCells.NAMES.size());
        long count = Arrays.stream(cells).filter(cell -> cell == emoji).count();
        String name = EmojiCells.NAMES.get(emoji);
        if (count == 1 && random.nextInt(3) > 0) {
            int own = 0;
            while (cells[own] != emoji) {
                own++;
            }
            boolean beside = random.nextBoolean();
            String relation = beside ? "beside" : own < 2 ? "below" : "above";
            return new String[] {
                "what is " + relation + " the " + name + " ?", EmojiCells.NAMES.get(cells[own ^ (beside ? 1 : 2)])
            };
        }
        return new String[] {"how many " + name + " ?", String.valueOf(count)};
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
        EmojiCells.PLACES.forEach(place -> words.addAll(List.of(place.split(" "))));
        return List.copyOf(words);
    }
}
