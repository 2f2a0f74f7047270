package io.github.sherl4j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sherl4j.backbone.t5.T5Backbone;
import io.github.sherl4j.backbone.t5.T5Config;
import io.github.sherl4j.data.SequenceExample;
import io.github.sherl4j.route.EncoderDecoderConfig;
import io.github.sherl4j.route.SequenceModel;
import io.github.sherl4j.route.SequenceOptions;
import io.github.sherl4j.route.SherlSequenceModel;
import io.github.sherl4j.train.RateShape;
import io.github.sherl4j.train.TrainConfig;
import io.github.sherl4j.train.Trainer;
import io.github.sherl4j.tuning.SequenceFullTuning;
import io.github.sherl4j.tuning.SequenceHeadOnly;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A T5 that learned to copy and to reverse words, and was then frozen, learns to say their first or last letter: the letters are
 * known, the words that ask for it and that one letter is enough are not.
 */
class T5LearningTest {
    private static final long SEED = 1;
    private static final T5Config SIZES = new T5Config(19, 32, 8, 4, 64, 2, 2, 8, 16, 1e-6, false, true, 16, 0, 1);
    private static final SequenceOptions LENGTHS = new SequenceOptions(7, 6);
    private static final int TEST_WORDS = 200;
    private static final int PRE_TRAINING_EPOCHS = 12;
    private static final int EPOCHS = 3;

    @TempDir
    private Path folder;

    @Test
    void sherlLearnsWhatTheHeadAloneCannot() throws IOException {
        List<String> words = words();
        List<String> test = words.subList(0, TEST_WORDS);
        List<String> train = words.subList(TEST_WORDS, words.size());
        try (T5Backbone t5 = SmallT5.random(SIZES, SEED);
                SequenceModel model = SequenceFullTuning.model(t5, LENGTHS)) {
            train(model, PRE_TRAINING_EPOCHS, 5e-3, train, T5LearningTest::copy, T5LearningTest::reverse);
            double known = model.exactMatches(examples(test, T5LearningTest::copy, T5LearningTest::reverse));
            assertThat(known).as("copying and reversing, before freezing").isGreaterThan(0.8);
            SmallT5.write(folder, t5);
        }

        double head;
        try (T5Backbone t5 = T5Backbone.load(folder);
                SequenceModel model = SequenceHeadOnly.model(t5, LENGTHS)) {
            head = adapt(model, train, test, 1e-2);
        }
        double sherl;
        try (T5Backbone t5 = T5Backbone.load(folder);
                SequenceModel model = SherlSequenceModel.of(
                        t5, EncoderDecoderConfig.defaults().withReduction(1), LENGTHS)) {
            sherl = adapt(model, train, test, 5e-3);
        }
        // ten standard errors of the difference, were both right as often as wrong
        double margin = 10 * Math.sqrt(2 * 0.25 / (2 * TEST_WORDS));
        assertThat(sherl).isGreaterThan(0.9).isGreaterThan(head + margin);
    }

    private static double adapt(SequenceModel model, List<String> train, List<String> test, double rate) {
        train(model, EPOCHS, rate, train, T5LearningTest::first, T5LearningTest::last);
        return model.exactMatches(examples(test, T5LearningTest::first, T5LearningTest::last));
    }

    @SafeVarargs
    private static void train(
            SequenceModel model,
            int epochs,
            double rate,
            List<String> words,
            Function<String, SequenceExample>... tasks) {
        TrainConfig config = TrainConfig.defaults()
                .withWeightDecay(0)
                .withEpochs(epochs)
                .withBatchSize(64)
                .withPeakRate(rate)
                .withRateShape(RateShape.linear(0.1))
                .withSeed(SEED);
        new Trainer(config).fit(model, model.tokenize(examples(words, tasks)), null);
    }

    @SafeVarargs
    private static List<SequenceExample> examples(List<String> words, Function<String, SequenceExample>... tasks) {
        return words.stream()
                .flatMap(word -> IntStream.range(0, tasks.length).mapToObj(i -> tasks[i].apply(word)))
                .toList();
    }

    private static SequenceExample copy(String word) {
        return new SequenceExample("copy " + word, word);
    }

    private static SequenceExample reverse(String word) {
        return new SequenceExample(
                "reverse " + word, new StringBuilder(word).reverse().toString());
    }

    private static SequenceExample first(String word) {
        return new SequenceExample("first " + word, word.substring(0, 1));
    }

    private static SequenceExample last(String word) {
        return new SequenceExample("last " + word, word.substring(word.length() - 1));
    }

    /** All words of three letters from a to f, and those of four that do not start with an a, shuffled. */
    private static List<String> words() {
        List<String> words = new ArrayList<>();
        for (int i = 0; i < 6 * 6 * 6 * 6; i++) {
            String four = "" + letter(i / 216) + letter(i / 36) + letter(i / 6) + letter(i);
            words.add(i < 216 ? four.substring(1) : four);
        }
        Collections.shuffle(words, new Random(SEED));
        return words;
    }

    private static char letter(int digits) {
        return (char) ('a' + digits % 6);
    }
}
