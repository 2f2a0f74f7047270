package io.github.sherl4j.route;

import io.github.sherl4j.data.ImageTransform;
import io.github.sherl4j.head.Pooling;
import io.github.sherl4j.nd.Check;
import java.util.HashSet;
import java.util.List;

/**
 * What all classifiers of pictures have in common, whichever way they are trained.
 *
 * @param labels names of the classes, each once
 * @param pooling how the states of a picture's positions become one
 * @param transform what a picture goes through before the network reads it
 * @param seed seed of the head's initialisation
 */
public record ImageClassifierOptions(List<String> labels, Pooling pooling, ImageTransform transform, long seed) {
    /** Checks and copies. */
    public ImageClassifierOptions {
        labels = List.copyOf(labels);
        Check.argument(labels.size() >= 2, "labels must be at least 2, but are %s", labels);
        Check.argument(
                new HashSet<>(labels).size() == labels.size(),
                "labels must differ from each other, but are %s",
                labels);
    }

    /** Mean pooling, as behind a ResNet, and seed 0. */
    public static ImageClassifierOptions of(List<String> labels, ImageTransform transform) {
        return new ImageClassifierOptions(labels, Pooling.MEAN, transform, 0);
    }

    /** The same with another pooling. */
    public ImageClassifierOptions withPooling(Pooling newPooling) {
        return new ImageClassifierOptions(labels, newPooling, transform, seed);
    }

    /** The same with another seed. */
    public ImageClassifierOptions withSeed(long newSeed) {
        return new ImageClassifierOptions(labels, pooling, transform, newSeed);
    }
}
