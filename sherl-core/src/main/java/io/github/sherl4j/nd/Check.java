package io.github.sherl4j.nd;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Checks at public entries. Each failure is one sentence: which argument, what was expected, what came. */
public final class Check {
    private Check() {}

    /** Any dimension is welcome here when it stands in an expected shape. */
    public static final long ANY = -1;

    /**
     * Fails with {@code message}, in which each {@code %s} stands for a value, unless the condition holds.
     *
     * @throws IllegalArgumentException if {@code condition} is false
     */
    @SuppressWarnings("AnnotateFormatMethod") // the annotation would be a dependency of every user
    public static void argument(boolean condition, String message, @Nullable Object... values) {
        if (!condition) {
            throw new IllegalArgumentException(String.format(message, values));
        }
    }

    /**
     * Fails unless the array has the expected shape, in which {@link #ANY} fits every size.
     *
     * @throws IllegalArgumentException if rank or a size differs
     */
    public static void shape(String name, INDArray array, long... expected) {
        long[] actual = array.shape();
        boolean fits = actual.length == expected.length;
        for (int i = 0; fits && i < expected.length; i++) {
            fits = expected[i] == ANY || expected[i] == actual[i];
        }
        if (!fits) {
            throw new IllegalArgumentException("%s must have shape %s, but has %s"
                    .formatted(name, Arrays.toString(expected).replace("-1", "*"), Arrays.toString(actual)));
        }
    }

    /**
     * Fails unless the last dimension of the array is {@code width}.
     *
     * @throws IllegalArgumentException if it is not
     */
    public static void width(String name, INDArray array, long width) {
        if (array.rank() < 1 || array.size(-1) != width) {
            throw new IllegalArgumentException(
                    "%s must be [..., %d], but has shape %s".formatted(name, width, Arrays.toString(array.shape())));
        }
    }
}
