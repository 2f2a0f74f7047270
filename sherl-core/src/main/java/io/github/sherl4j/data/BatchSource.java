package io.github.sherl4j.data;

import io.github.sherl4j.nd.Check;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

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
     * Plans inference: each example once, in an order that needs little memory.
     *
     * @param batchSize examples in a batch; the last can have fewer
     * @return indices of examples, one array a batch
     */
    default List<int[]> sequentialPlan(int batchSize) {
        Check.argument(batchSize >= 1, "batchSize must be at least 1, but is %s", batchSize);
        List<int[]> plan = new ArrayList<>();
        for (int from = 0; from < size(); ) {
            int to = from + Math.min(batchSize, size() - from);
            plan.add(IntStream.range(from, to).toArray());
            from = to;
        }
        return plan;
    }

    /**
     * Tells how much memory an example needs in comparison with others of the same data.
     *
     * @param index the example
     * @return the same for all unless said otherwise; for texts their length
     */
    default long cost(int index) {
        return 1;
    }

    /**
     * Makes a batch of some examples.
     *
     * @param indices indices of examples, not modified
     * @return the batch, closed by the caller
     */
    B batch(int[] indices);

    /**
     * Makes a part of a batch that is fed in parts. Sources of batches whose loss is a mean over something else than examples tell
     * the part of the whole.
     *
     * @param whole indices of the batch's examples, not modified
     * @param from the part's first place in {@code whole}
     * @param to the place behind its last
     * @return the part, closed by the caller
     */
    default B part(int[] whole, int from, int to) {
        return batch(Arrays.copyOfRange(whole, from, to));
    }
}
