package io.github.sherl4j.weights;

import java.util.Arrays;
import java.util.Set;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The named tensors of one file. Names and shapes are known once the source is open; a tensor's values are fetched when
 * it is read, so memory holds no more than the tensors that the caller keeps.
 *
 * <p>An unknown name is an {@link IllegalArgumentException} that offers the nearest names; reading from a closed source
 * is an {@link IllegalStateException}; a file that can no longer be read is an {@link java.io.UncheckedIOException}.
 */
public interface WeightSource extends AutoCloseable {

    /**
     * Where the tensors come from, for messages.
     *
     * @return the path of the file, or the name of the resource
     */
    String origin();

    /**
     * The names of all tensors, in the order of the file.
     *
     * @return the names, not modifiable
     */
    Set<String> names();

    /**
     * The shape of a tensor; empty for a scalar.
     *
     * @param name the tensor
     * @return a copy of the shape
     */
    long[] shape(String name);

    /**
     * The type in which a tensor is stored.
     *
     * @param name the tensor
     * @return the stored type
     */
    DataType type(String name);

    /**
     * Reads a tensor, converting it as {@link INDArray#castTo(DataType)} does where the types differ.
     *
     * @param name the tensor
     * @param as the type of the result, a numeric one
     * @return a fresh array in C order, outside all workspaces, owned by the caller
     */
    INDArray read(String name, DataType as);

    /**
     * Reads a tensor into an array that exists, converting it to the array's type.
     *
     * @param name the tensor
     * @param target an array of the tensor's shape, in any order; may be a view into a larger one. Modified
     * @throws IllegalArgumentException if the shapes differ; the target is unchanged then
     */
    default void readInto(String name, INDArray target) {
        requireShape(name, target);
        if (!target.isEmpty()) {
            try (INDArray values = read(name, target.dataType())) {
                target.assign(values);
            }
        }
    }

    /** Lets go of the file; arrays that were read stay valid. Closing twice does no harm. */
    @Override
    void close();

    private void requireShape(String name, INDArray target) {
        long[] shape = shape(name);
        if (!Arrays.equals(shape, target.shape())) {
            throw new IllegalArgumentException("%s: tensor '%s' has shape %s, the array to read it into has %s"
                    .formatted(origin(), name, Arrays.toString(shape), Arrays.toString(target.shape())));
        }
    }
}
