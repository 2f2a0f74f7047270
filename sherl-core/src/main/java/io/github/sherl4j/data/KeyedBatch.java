package io.github.sherl4j.data;

import java.util.List;

/** A batch whose examples can be told apart by their content, so that what was computed of them can be found again. */
public interface KeyedBatch {
    /** A key for each example: two are equal only if the examples are. */
    List<?> keys();

    /** How many of each example's positions, the first ones, are real; a copy. The others are padding. */
    int[] lengths();
}
