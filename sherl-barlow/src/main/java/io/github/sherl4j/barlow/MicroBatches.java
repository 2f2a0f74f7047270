package io.github.sherl4j.barlow;

import io.github.sherl4j.nd.Check;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Barlow Twins' loss of a batch whose embeddings come in parts, in two passes: first {@link #add} every part, then ask for
 * the {@link #loss}, then for the {@link #gradients} of every part, for which the network runs once more. So the network
 * needs memory for one part only, and loss and gradients are those of the whole batch, whatever the parts' sizes.
 *
 * <p>Exact for the loss given the embeddings: a network's own batch norms see a part, not the batch, so its embeddings may
 * depend on how the batch is cut. In the second pass they have to be what they were in the first: running statistics move
 * once more, but batch statistics are those of the same part.
 *
 * <p>With {@link LossForm#GRAM} the embeddings of the batch are kept, and those given in the second pass only say which part
 * is meant by their order; with {@link LossForm#CORRELATION} memory does not grow with the batch. One thread at a time.
 */
public final class MicroBatches implements AutoCloseable {
    private final DataType type;
    private final long batch;
    private final long width;
    private final Passes passes;
    private long added;
    private long returned;
    private @Nullable LossValue value;

    /** What differs between the forms; rows are counted here. */
    interface Passes extends AutoCloseable {
        void clear();

        void add(long from, INDArray z1, INDArray z2);

        LossValue loss();

        LossGradients gradients(long from, INDArray z1, INDArray z2);

        @Override
        void close();
    }

    MicroBatches(LossOptions options, long batch, long width, DataType type) {
        Embeddings.checkBatch(batch);
        Check.argument(width > 0, "width must be positive, but is %s", width);
        Check.argument(
                type == DataType.FLOAT || type == DataType.DOUBLE, "type must be FLOAT or DOUBLE, but is %s", type);
        this.type = type;
        this.batch = batch;
        this.width = width;
        this.passes = options.form().of(batch, width) == LossForm.GRAM
                ? new GramPasses(options, batch, width, type)
                : new CorrelationPasses(options, width, type);
    }

    /**
     * First pass: the next rows of the batch. After the second pass this starts the next batch.
     *
     * @param z1 [rows, width], not modified
     * @param z2 [rows, width], not modified
     * @throws IllegalArgumentException if shapes or types do not fit, the batch has no place for so many rows, or a number is
     *     not finite; nothing is changed then
     * @throws IllegalStateException if the second pass has begun and is not over
     */
    public void add(INDArray z1, INDArray z2) {
        if (value != null && returned < batch) {
            throw new IllegalStateException(
                    "The second pass has given gradients of %s rows out of %s".formatted(returned, batch));
        }
        boolean starts = added == 0 || value != null;
        long from = starts ? 0 : added;
        check(from, z1, z2);
        if (starts) {
            clear();
        }
        passes.add(from, z1, z2);
        added = from + z1.size(0);
    }

    /** Forgets the batch; the next part starts another. */
    public void clear() {
        passes.clear();
        added = 0;
        returned = 0;
        value = null;
    }

    /**
     * The loss of the whole batch.
     *
     * @throws IllegalStateException if parts are missing
     */
    public LossValue loss() {
        if (added < batch) {
            throw new IllegalStateException("The batch has %s rows, but %s were added".formatted(batch, added));
        }
        if (value == null) {
            value = passes.loss();
        }
        return value;
    }

    /**
     * Second pass: gradients of the whole batch's loss with respect to the next rows, which come in the order of the first
     * pass.
     *
     * @param z1 [rows, width], as in the first pass, not modified
     * @param z2 [rows, width], not modified
     * @return arrays that belong to this and are valid until its next call
     * @throws IllegalStateException if parts of the first pass are missing
     */
    public LossGradients gradients(INDArray z1, INDArray z2) {
        loss();
        check(returned, z1, z2);
        LossGradients gradients = passes.gradients(returned, z1, z2);
        returned += z1.size(0);
        return gradients;
    }

    private void check(long from, INDArray z1, INDArray z2) {
        Embeddings.check(z1, z2);
        Check.width("z1", z1, width);
        Check.argument(z1.dataType() == type, "z1 must be %s, but is %s", type, z1.dataType());
        Check.argument(
                z1.size(0) <= batch - from,
                "z1 must have at most %s rows, what is left of the batch, but has %s",
                batch - from,
                z1.size(0));
    }

    /** Frees all memory. */
    @Override
    public void close() {
        passes.close();
    }
}
