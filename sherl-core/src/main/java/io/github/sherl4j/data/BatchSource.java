package io.github.sherl4j.data;

import java.util.List;

/**
 * A data set that is read in batches.
 *
 * @param <B> a batch, closed by whoever asked for it
 */
public interface BatchSource<B extends AutoCloseable> {
    /**
     * Returns the number of examples.
     *
     * @return the number of examples
     */
    int size();

    /**
     * Plans one pass in random order: each example once, and the batch that needs the most memory first, so that memory is
     * sized once.
     *
     * @param batchSize examples in a batch
     * @param seed equal seeds give equal plans
     * @return indices of examples, one array a batch
     */
    List<int[]> plan(int batchSize, long seed);

    /**
     * Makes a batch of some examples.
     *
     * @param indices indices of examples, not modified
     * @return the batch, closed by the caller
     */
    B batch(int[] indices);
}
