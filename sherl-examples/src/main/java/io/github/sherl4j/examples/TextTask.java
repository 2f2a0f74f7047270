package io.github.sherl4j.examples;

import io.github.sherl4j.data.TextData;
import io.github.sherl4j.nd.Check;
import java.util.List;

/**
 * A task of text classification.
 *
 * @param name what results call it
 * @param labels the classes, in the order of the model's outputs
 * @param train what to learn from
 * @param test what to measure on
 */
record TextTask(String name, List<String> labels, TextData train, TextData test) {
    /** Checks that all that is tested can have been learned. */
    TextTask {
        labels = List.copyOf(labels);
        Check.argument(labels.size() >= 2, "The training data must have 2 or more labels, but has %s", labels);
        for (String label : test.labels()) {
            Check.argument(
                    labels.contains(label),
                    "The test data has the label \"%s\", but the training data has only %s",
                    label,
                    labels);
        }
    }

    /** A task with the labels of its training data. */
    static TextTask of(String name, TextData train, TextData test) {
        return new TextTask(name, train.labels(), train, test);
    }

    /** The same with at most so many training texts, drawn so that labels keep their shares. */
    TextTask limit(int count, long seed) {
        return new TextTask(name, labels, train.limit(count, seed), test);
    }
}
