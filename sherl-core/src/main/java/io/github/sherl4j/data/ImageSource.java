package io.github.sherl4j.data;

import java.util.List;
import java.util.Optional;

/**
 * Pictures by number, decoded when they are asked for. All methods may be called from several threads at once, and give each
 * of them the same.
 */
public interface ImageSource {
    /** The number of pictures, at least 1. */
    int size();

    /** The names of the classes, in the order of their numbers; empty if the pictures have no labels. */
    List<String> labels();

    /**
     * The class of a picture, known without decoding it.
     *
     * @param index 0 to size - 1
     * @return an index into {@link #labels()}, or {@link Picture#NO_LABEL}
     */
    int label(int index);

    /**
     * What messages call a picture.
     *
     * @param index 0 to size - 1
     */
    String name(int index);

    /**
     * Decodes a picture.
     *
     * @param index 0 to size - 1
     * @return the picture, or empty if its content is damaged, which the source logs once
     * @throws java.io.UncheckedIOException if it cannot be read from the disk; the message has its name
     */
    Optional<Picture> picture(int index);

    /**
     * Decodes a picture, or in the place of a damaged one the next that can be decoded: training goes on.
     *
     * @param candidates the pictures that may be taken, by number, not modified; so no picture of a test set gets into training
     * @param place where in {@code candidates} to start; at its end the search goes on at its start
     * @return a picture with its own name and label
     * @throws java.io.UncheckedIOException if it cannot be read from the disk; the message has its name
     * @throws IllegalArgumentException if none of the candidates can be decoded
     */
    default Picture firstReadable(int[] candidates, int place) {
        for (int step = 0; step < candidates.length; step++) {
            int index = candidates[(int) (((long) place + step) % candidates.length)];
            Optional<Picture> picture = picture(index);
            if (picture.isPresent()) {
                return picture.get();
            }
        }
        throw new IllegalArgumentException("none of %s pictures can be decoded, among them %s"
                .formatted(candidates.length, candidates.length == 0 ? "none" : name(candidates[0])));
    }

    /** How many pictures were asked for so far and found to be damaged; each counts once. */
    int skipped();
}
