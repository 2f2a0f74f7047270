package io.github.sherl4j.data;

import io.github.sherl4j.nd.Check;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.dataset.api.iterator.MultiDataSetIterator;

/**
 * The batches of an iterator, as it makes them and in its order: sizes and shuffling are the iterator's business. It is run
 * through once to be counted. A plan starts the iterator from the beginning, and its batches have to be asked for one after
 * another.
 */
public final class IteratorSource implements BatchSource<GraphBatch> {
    private final Runnable reset;
    private final BooleanSupplier hasNext;
    private final Supplier<GraphBatch> next;
    private final List<int[]> batches = new ArrayList<>();
    private int size;
    private int position;

    private IteratorSource(boolean resets, Runnable reset, BooleanSupplier hasNext, Supplier<GraphBatch> next) {
        Check.argument(resets, "The iterator must support reset(), since each epoch needs all batches again");
        this.reset = reset;
        this.hasNext = hasNext;
        this.next = next;
        reset.run();
        while (hasNext.getAsBoolean()) {
            int count = next.get().size();
            int from = size;
            batches.add(IntStream.range(from, from + count).toArray());
            size += count;
        }
        reset.run();
    }

    /** The batches of an iterator, whose preprocessor is applied as always. */
    public static IteratorSource of(DataSetIterator iterator) {
        return new IteratorSource(
                iterator.resetSupported(),
                iterator::reset,
                iterator::hasNext,
                () -> GraphBatch.of((org.nd4j.linalg.dataset.api.DataSet) iterator.next()));
    }

    /** The batches of an iterator of several inputs or outputs. */
    public static IteratorSource of(MultiDataSetIterator iterator) {
        return new IteratorSource(
                iterator.resetSupported(), iterator::reset, iterator::hasNext, () -> GraphBatch.of(iterator.next()));
    }

    @Override
    public int size() {
        return size;
    }

    /** All batches in the iterator's order; batch size and seed are not looked at. */
    @Override
    public List<int[]> plan(int batchSize, long seed) {
        start();
        return List.copyOf(batches);
    }

    @Override
    public List<int[]> sequentialPlan(int batchSize) {
        return plan(batchSize, 0);
    }

    private void start() {
        reset.run();
        position = 0;
    }

    /**
     * The next batch.
     *
     * @param indices those of the plan
     * @throws IllegalArgumentException if they are not those of the next batch, as when batches are cut into parts
     */
    @Override
    public GraphBatch batch(int[] indices) {
        Check.argument(
                position < batches.size() && Arrays.equals(indices, batches.get(position)) && hasNext.getAsBoolean(),
                "An iterator's batches can only be had whole and one after another, so accumulation must be 1");
        position++;
        return next.get();
    }
}
