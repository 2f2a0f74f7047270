package io.github.sherl4j.route;

import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.layer.ParameterGroups;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a trainer needs of a model.
 *
 * @param <B> a batch, with its targets
 */
public interface Model<B> extends AutoCloseable {
    /** The trainable parameters with their gradients. */
    ParameterGroups parameters();

    /** Arrays that training moves without gradients, such as running statistics. */
    default List<Parameter> buffers() {
        return List.of();
    }

    /** {@link #buffers} by their names in files. */
    default Map<String, Parameter> namedBuffers() {
        Map<String, Parameter> named = new LinkedHashMap<>();
        buffers().forEach(buffer -> named.put(buffer.name(), buffer));
        return named;
    }

    /**
     * Runs forward and backward, and adds {@code weight} times the gradient of the batch's mean loss to the parameters'
     * gradients. A batch that is fed in parts gets its whole gradient if each part's weight is its share of the examples.
     *
     * @param batch not modified, not closed
     * @param weight factor of the gradient
     * @param seed seed of this step's dropout
     * @return the mean loss of the batch, not weighted
     */
    double accumulate(B batch, double weight, long seed);

    /** Tells that an epoch begins, to models that change in the course of training. */
    default void startEpoch(int number) {}

    /** Native bytes of working memory held now, in which steps compute; parameters and gradients do not count. */
    long workingBytes();

    /** Frees what the model owns. */
    @Override
    void close();
}
