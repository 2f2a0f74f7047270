package io.github.sherl4j.data;

import java.util.List;

/** A batch whose examples can be told apart by their content, so that what was computed of them can be found again. */
public interface KeyedBatch {
    /** Stands in {@link #lengths} for an example without padding, whatever the number of its positions. */
    int ALL_POSITIONS = Integer.MAX_VALUE;

    /** A key for each example: two are equal only if the examples are. Empty if these examples have none. */
    List<?> keys();

    /**
     * How many of each example's positions, the first ones, are real; the others are padding.
     *
     * @return a copy; {@link #ALL_POSITIONS} for those that have no padding, such as pictures, whose states have different
     *     numbers of positions
     */
    int[] lengths();
}
