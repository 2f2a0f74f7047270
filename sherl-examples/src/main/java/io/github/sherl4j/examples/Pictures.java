package io.github.sherl4j.examples;

import io.github.sherl4j.data.ImageData;
import io.github.sherl4j.data.ImageSource;
import io.github.sherl4j.data.ImageTransform;
import org.jspecify.annotations.Nullable;

/**
 * Pictures to learn from and to be tested with.
 *
 * @param pretrain pictures whose labels nobody looks at
 * @param train pictures, with labels if there is a test
 * @param test labelled pictures that are in neither of them; null if there are none
 */
record Pictures(
        ImageSource pretrain, ImageSource train, @Nullable ImageSource test) {
    ImageData trainData(ImageTransform transform) {
        return ImageData.of(train, transform);
    }

    ImageData testData(ImageTransform transform) {
        if (test == null) {
            throw new IllegalArgumentException(
                    "The pictures have no labels: expected IDX files with labels, or a folder of folders");
        }
        return ImageData.of(test, transform);
    }
}
