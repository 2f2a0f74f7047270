package io.github.sherl4j.examples;

import io.github.sherl4j.data.SequenceExample;
import io.github.sherl4j.data.TextData;
import io.github.sherl4j.data.TextExample;
import io.github.sherl4j.nd.Check;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * A task of turning texts into texts.
 *
 * @param name what results call it
 * @param train what to learn from
 * @param test what to measure on
 */
record SequenceTask(String name, List<SequenceExample> train, List<SequenceExample> test) {
    /** Copies the lists. */
    SequenceTask {
        train = List.copyOf(train);
        test = List.copyOf(test);
        Check.argument(!train.isEmpty(), "The training data must have texts, but has none");
        Check.argument(!test.isEmpty(), "The test data must have texts, but has none");
    }

    /** Film reviews, with the prompt that T5 was trained with on GLUE: {@code sst2 sentence: ...}, positive or negative. */
    static SequenceTask sst2(Path folder) throws IOException {
        TextTask task = Sst2Data.load(folder);
        String prompt = "sst2 sentence: ";
        return new SequenceTask(task.name(), prompted(task.train(), prompt), prompted(task.test(), prompt));
    }

    /** Two columns of own files. */
    static SequenceTask csv(Path train, Path test, String source, String target, String prompt) throws IOException {
        return new SequenceTask(
                String.valueOf(train.getFileName()),
                prompted(TextData.csv(train, source, target), prompt),
                prompted(TextData.csv(test, source, target), prompt));
    }

    private static List<SequenceExample> prompted(TextData data, String prompt) {
        return data.examples().stream()
                .map(example -> new SequenceExample(prompt + example.text(), label(example)))
                .toList();
    }

    private static String label(TextExample example) {
        String label = example.label();
        if (label == null) {
            throw new IllegalStateException("Text data have labels");
        }
        return label;
    }

    /** The same with at most so many training and test texts, drawn by a seed. */
    SequenceTask limit(int trainTexts, int testTexts, long seed) {
        return new SequenceTask(name, drawn(train, trainTexts, seed), drawn(test, testTexts, seed));
    }

    private static List<SequenceExample> drawn(List<SequenceExample> all, int most, long seed) {
        if (all.size() <= most) {
            return all;
        }
        List<SequenceExample> shuffled = new ArrayList<>(all);
        Collections.shuffle(shuffled, new Random(seed));
        return shuffled.subList(0, most);
    }
}
