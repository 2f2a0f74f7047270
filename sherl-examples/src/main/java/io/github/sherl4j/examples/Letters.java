package io.github.sherl4j.examples;

import io.github.sherl4j.data.SequenceExample;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Made-up tasks on words of the letters a to h: those that a small network is pre-trained on, and one that it is then adapted to.
 */
final class Letters {
    private static final int LETTERS = 8;
    private static final int SHORTEST = 3;
    private static final int LONGEST = 6;

    private Letters() {}

    /** {@code copy abc -> abc}, {@code reverse abc -> cba}, {@code first abc -> a}, {@code last abc -> c}, in turn. */
    static List<SequenceExample> preTraining(int count, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<SequenceExample> examples = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String word = word(random);
            examples.add(
                    switch (i % 4) {
                        case 0 -> new SequenceExample("copy " + word, word);
                        case 1 ->
                            new SequenceExample(
                                    "reverse " + word,
                                    new StringBuilder(word).reverse().toString());
                        case 2 -> new SequenceExample("first " + word, word.substring(0, 1));
                        default -> new SequenceExample("last " + word, word.substring(word.length() - 1));
                    });
        }
        return examples;
    }

    /** {@code same abca -> yes} where a word ends as it begins, else {@code no}; as many of the one as of the other. */
    static List<SequenceExample> sameEnds(int count, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<SequenceExample> examples = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            boolean same = i % 2 == 0;
            String word = word(random);
            String first = word.substring(0, 1);
            String body = word.substring(0, word.length() - 1);
            while (!same && word.endsWith(first)) {
                word = body + letter(random);
            }
            examples.add(new SequenceExample("same " + (same ? body + first : word), same ? "yes" : "no"));
        }
        return examples;
    }

    private static String word(SplittableRandom random) {
        StringBuilder word = new StringBuilder();
        int length = random.nextInt(SHORTEST, LONGEST + 1);
        for (int i = 0; i < length; i++) {
            word.append(letter(random));
        }
        return word.toString();
    }

    private static char letter(SplittableRandom random) {
        return (char) ('a' + random.nextInt(LETTERS));
    }
}
