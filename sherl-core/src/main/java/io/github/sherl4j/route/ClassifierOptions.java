package io.github.sherl4j.route;

import io.github.sherl4j.head.Pooling;
import io.github.sherl4j.nd.Check;
import java.util.HashSet;
import java.util.List;

/**
 * What all text classifiers have in common, whichever way they are trained.
 *
 * @param labels names of the classes, each once
 * @param pooling how the states of a text's tokens become one
 * @param maxLength longest sequence in tokens, special tokens included; longer texts are cut
 * @param seed seed of the head's initialisation
 */
public record ClassifierOptions(List<String> labels, Pooling pooling, int maxLength, long seed) {
    /** Checks and copies. */
    public ClassifierOptions {
        labels = List.copyOf(labels);
        Check.argument(labels.size() >= 2, "labels must be at least 2, but are %s", labels);
        Check.argument(
                new HashSet<>(labels).size() == labels.size(),
                "labels must differ from each other, but are %s",
                labels);
        Check.argument(maxLength >= 3, "maxLength must be at least 3 tokens, but is %s", maxLength);
    }

    /** Mean pooling, at most 128 tokens, seed 0. */
    public static ClassifierOptions of(List<String> labels) {
        return new ClassifierOptions(labels, Pooling.MEAN, 128, 0);
    }

    /** The same with another pooling. */
    public ClassifierOptions withPooling(Pooling newPooling) {
        return new ClassifierOptions(labels, newPooling, maxLength, seed);
    }

    /** The same with another length. */
    public ClassifierOptions withMaxLength(int newMaxLength) {
        return new ClassifierOptions(labels, pooling, newMaxLength, seed);
    }

    /** The same with another seed. */
    public ClassifierOptions withSeed(long newSeed) {
        return new ClassifierOptions(labels, pooling, maxLength, newSeed);
    }
}
