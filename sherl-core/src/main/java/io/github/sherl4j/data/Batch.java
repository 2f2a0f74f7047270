package io.github.sherl4j.data;

/** Some examples in native memory. */
public interface Batch extends AutoCloseable {
    /** Number of examples. */
    int size();

    /** Frees the memory. */
    @Override
    void close();
}
