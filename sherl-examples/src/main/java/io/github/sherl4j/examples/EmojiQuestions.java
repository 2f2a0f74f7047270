package io.github.sherl4j.examples;

import io.github.sherl4j.data.FeatureRows;
import io.github.sherl4j.data.QuestionExample;
import io.github.sherl4j.data.VisualFeatures;
import io.github.sherl4j.nd.Rng;
import io.github.sherl4j.route.QuestionModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.DoubleSummaryStatistics;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Templated questions about pictures of emoji. All have as many words, so that batches, which are cut by length, have questions of
 * all kinds.
 */
final class EmojiQuestions {
    private static final List<String> WORDS =
            List.of("which", "kind", "thing", "is", "any", "how", "many", "there", "?");

    /** What is asked. */
    enum Kind {
        /** Of which of six kinds what is in a cell is. */
        KIND {
            @Override
            Asked ask(int[] cells, SplittableRandom random) {
                int place = random.nextInt(cells.length);
                return new Asked(
                        "which kind is %s ?".formatted(EmojiKinds.PLACES.get(place)),
                        EmojiKinds.KINDS.get(EmojiKinds.kind(cells[place])));
            }
        },
        /** Whether the picture has anything of a kind. */
        ANY {
            @Override
            Asked ask(int[] cells, SplittableRandom random) {
                int kind = anyKind(cells, random);
                return new Asked(
                        "is any %s there ?".formatted(EmojiKinds.KINDS.get(kind)),
                        count(cells, kind) > 0 ? "yes" : "no");
            }
        },
        /** Which of 24 emoji is in a cell. */
        THING {
            @Override
            Asked ask(int[] cells, SplittableRandom random) {
                int place = random.nextInt(cells.length);
                return new Asked(
                        "which thing is %s ?".formatted(EmojiKinds.PLACES.get(place)),
                        EmojiKinds.NAMES.get(cells[place]));
            }
        },
        /** How many emoji of a kind the picture has, 0 to 4. */
        COUNT {
            @Override
            Asked ask(int[] cells, SplittableRandom random) {
                int kind = anyKind(cells, random);
                return new Asked(
                        "how many %s there ?".formatted(EmojiKinds.KINDS.get(kind)),
                        String.valueOf(count(cells, kind)));
            }
        };

        abstract Asked ask(int[] cells, SplittableRandom random);

        /** In two of three cases one that is there. */
        private static int anyKind(int[] cells, SplittableRandom random) {
            return random.nextInt(3) == 0
                    ? random.nextInt(EmojiKinds.KINDS.size())
                    : EmojiKinds.kind(cells[random.nextInt(cells.length)]);
        }

        private static long count(int[] cells, int kind) {
            return Arrays.stream(cells)
                    .filter(emoji -> EmojiKinds.kind(emoji) == kind)
                    .count();
        }

        /** The name in results. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** What a network learns before it is frozen. */
    static final List<Kind> FIRST = List.of(Kind.KIND, Kind.ANY);

    /** What it is adapted to. */
    static final List<Kind> SECOND = List.of(Kind.THING, Kind.COUNT);

    private record Asked(String question, String answer) {}

    private final List<QuestionExample> examples;
    private final VisualFeatures features;

    private EmojiQuestions(List<QuestionExample> examples, VisualFeatures features) {
        this.examples = examples;
        this.features = features;
    }

    /** Questions of the given kinds in turn, each about a picture of its own. */
    static EmojiQuestions draw(EmojiData data, List<Kind> kinds, int count, long seed) {
        EmojiKinds emoji = new EmojiKinds(data);
        List<QuestionExample> examples = new ArrayList<>(count);
        Map<String, FeatureRows> features = new HashMap<>();
        for (int i = 0; i < count; i++) {
            SplittableRandom random = new SplittableRandom(Rng.derive(seed, i));
            int[] cells = EmojiKinds.draw(random);
            Kind kind = kinds.get(i % kinds.size());
            Asked asked = kind.ask(cells, random);
            String name = "picture " + i;
            features.put(name, new FeatureRows(EmojiKinds.width(), emoji.features(cells)));
            examples.add(new QuestionExample(kind + " " + i, name, asked.question, Map.of(asked.answer, 1.0)));
        }
        return new EmojiQuestions(examples, VisualFeatures.of(features));
    }

    /**
     * The share of right answers to each kind of questions, such as {@code thing 0.900, count 0.500}.
     *
     * @param examples questions that {@link #draw} made
     * @param given the answers to them, in their order
     */
    static String rightByKind(List<QuestionExample> examples, List<QuestionModel.Answer> given) {
        Map<String, DoubleSummaryStatistics> right = new LinkedHashMap<>();
        for (int i = 0; i < examples.size(); i++) {
            QuestionExample example = examples.get(i);
            String kind = example.id().substring(0, example.id().indexOf(' '));
            right.computeIfAbsent(kind, name -> new DoubleSummaryStatistics())
                    .accept(example.answers().containsKey(given.get(i).text()) ? 1 : 0);
        }
        return right.entrySet().stream()
                .map(entry -> String.format(
                        Locale.ROOT, "%s %.3f", entry.getKey(), entry.getValue().getAverage()))
                .collect(Collectors.joining(", "));
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
        words.addAll(EmojiKinds.KINDS);
        words.addAll(EmojiKinds.PLACES);
        return List.copyOf(words);
    }
}
