package io.github.sherl4j.weights;

import java.util.LinkedHashSet;
import java.util.Set;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Those tensors of a source whose names have a prefix, under their names without it. Closing it does nothing. */
public final class PrefixedWeights implements WeightSource {
    private final WeightSource source;
    private final String prefix;

    /**
     * A part of a source.
     *
     * @param source stays open
     */
    public PrefixedWeights(WeightSource source, String prefix) {
        this.source = source;
        this.prefix = prefix;
    }

    @Override
    public String origin() {
        return source.origin();
    }

    @Override
    public Set<String> names() {
        Set<String> names = new LinkedHashSet<>();
        for (String name : source.names()) {
            if (name.startsWith(prefix)) {
                names.add(name.substring(prefix.length()));
            }
        }
        return names;
    }

    @Override
    public long[] shape(String name) {
        return source.shape(prefix + name);
    }

    @Override
    public DataType type(String name) {
        return source.type(prefix + name);
    }

    @Override
    public INDArray read(String name, DataType as) {
        return source.read(prefix + name, as);
    }

    @Override
    public void close() {
        // The source belongs to whoever opened it.
    }
}
