package io.github.sherl4j.data;

import java.util.Map;

/** The features of pictures by the pictures' names. */
@FunctionalInterface
public interface VisualFeatures {
    /**
     * The features of one picture.
     *
     * @throws IllegalArgumentException if there are none, or they are malformed
     * @throws java.io.UncheckedIOException if they cannot be read
     */
    FeatureRows of(String image);

    /** Features in memory. */
    static VisualFeatures of(Map<String, FeatureRows> byImage) {
        Map<String, FeatureRows> copy = Map.copyOf(byImage);
        return image -> {
            FeatureRows rows = copy.get(image);
            if (rows == null) {
                throw new IllegalArgumentException(
                        "There are no features of the picture \"%s\" among those of %d pictures"
                                .formatted(image, copy.size()));
            }
            return rows;
        };
    }
}
