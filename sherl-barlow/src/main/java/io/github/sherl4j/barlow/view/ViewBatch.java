package io.github.sherl4j.barlow.view;

import io.github.sherl4j.data.Picture;
import io.github.sherl4j.nd.HostFloats;
import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Two views of each of some pictures. Its arrays are lent: {@link #close()} hands them back to the loader, which fills them
 * again, so nothing may be read from them afterwards.
 */
public final class ViewBatch implements AutoCloseable {
    private final ViewLoader loader;
    private final HostFloats first;
    private final HostFloats second;
    private final int length;
    private final int[] labels;
    private final int[] indices;
    private long number;
    private long epoch;
    private int nextRow;
    private int missing;
    private boolean lent;

    ViewBatch(ViewLoader loader, int batchSize, int size, int channels) {
        this.loader = loader;
        this.first = new HostFloats(batchSize, size, size, channels);
        this.second = new HostFloats(batchSize, size, size, channels);
        this.length = size * size * channels;
        this.labels = new int[batchSize];
        this.indices = new int[batchSize];
    }

    /** The first views {@code [batch, size, size, channels]}, not to be modified, until this batch is closed. */
    public INDArray first() {
        requireLent();
        return first.array();
    }

    /** The second views {@code [batch, size, size, channels]}, not to be modified, until this batch is closed. */
    public INDArray second() {
        requireLent();
        return second.array();
    }

    /** Both, until this batch is closed. */
    public TwoViews views() {
        return new TwoViews(first(), second());
    }

    /** A copy of the classes, one a picture; empty if not all of them have one. Not used by pre-training. */
    public int[] labels() {
        requireLent();
        return Arrays.stream(labels).anyMatch(label -> label == Picture.NO_LABEL) ? new int[0] : labels.clone();
    }

    /** The number of pictures. */
    public int size() {
        return labels.length;
    }

    /** The batch's place in the endless row of batches, from 0. */
    public long number() {
        requireLent();
        return number;
    }

    /** The epoch that it belongs to, from 0. */
    public long epoch() {
        requireLent();
        return epoch;
    }

    /** Hands the arrays back. Closing twice does nothing. */
    @Override
    public void close() {
        loader.takeBack(this);
    }

    // What follows is for the loader, which calls it while it holds its lock, except put.

    void begin(long newNumber, long newEpoch, int[] order, int from) {
        number = newNumber;
        epoch = newEpoch;
        System.arraycopy(order, from, indices, 0, indices.length);
        nextRow = 0;
        missing = indices.length;
    }

    /** The next row that nobody works on. */
    int takeRow() {
        return nextRow++;
    }

    boolean hasRows() {
        return nextRow < indices.length;
    }

    void rowDone() {
        missing--;
    }

    boolean isComplete() {
        return missing == 0;
    }

    boolean isLent() {
        return lent;
    }

    void setLent(boolean value) {
        lent = value;
    }

    int index(int row) {
        return indices[row];
    }

    long epochOfRows() {
        return epoch;
    }

    /** Called by the one thread that took the row. */
    void put(int row, int label, float[] firstView, float[] secondView) {
        labels[row] = label;
        first.put(row * length, firstView);
        second.put(row * length, secondView);
    }

    void free() {
        first.close();
        second.close();
    }

    private void requireLent() {
        if (!loader.isLent(this)) {
            throw new IllegalStateException("this batch is closed, or its loader is");
        }
    }
}
