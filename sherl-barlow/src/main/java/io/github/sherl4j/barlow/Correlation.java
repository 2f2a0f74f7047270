package io.github.sherl4j.barlow;

import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.Check;
import io.github.sherl4j.nd.Columns;
import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.nd.Ops;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * {@link LossForm#CORRELATION}: the loss of a whole batch, known from its {@link CrossMoments}, and the gradient of any part
 * of it. With C the correlation matrix, o its off-diagonal part and h the standardised embeddings,
 *
 * <pre>
 * gradient of h1 = scale * (2 lambda / N h2 o^T + 2 / N (c_ii - 1) h2)
 * </pre>
 *
 * <p>and behind the standardisation {@code (g - h mean(g h)) / deviation}. Both means over the whole batch are known from C
 * alone: that of g is 0, and that of g h is a sum of squares over a row of C (view 1) or a column (view 2). So parts need no
 * third pass, and devices nothing else of each other.
 */
public final class Correlation implements AutoCloseable {
    private final CrossMoments moments;
    private final LossOptions options;
    private final INDArray weight;
    private final Side side1;
    private final Side side2;
    private LossValue value;

    /** What a view's rows need, each [width, 1]: the factor of their deviations, and minus the mean of g h. */
    private record Side(INDArray mean, INDArray inverseDeviation, INDArray slope) {}

    /** Not usable before {@link #renew()}. */
    Correlation(CrossMoments moments, LossOptions options) {
        this.moments = moments;
        this.options = options;
        this.weight = column();
        this.side1 = new Side(moments.mean1(), column(), column());
        this.side2 = new Side(moments.mean2(), column(), column());
        this.value = new LossValue(0, 0, 0);
    }

    /**
     * The loss of all rows seen.
     *
     * @param moments of at least 2 rows; overwritten, so that it must be {@linkplain CrossMoments#clear() cleared} before it
     *     takes rows again, which ends the use of this; not closed
     * @return to be closed by the caller
     */
    public static Correlation of(CrossMoments moments, LossOptions options) {
        Embeddings.checkBatch(moments.count());
        Correlation correlation = new Correlation(moments, options);
        correlation.renew();
        return correlation;
    }

    /** The loss of the whole batch. */
    public LossValue value() {
        return value;
    }

    /** The loss of the rows that the moments have now; overwrites them as {@link #of} does. */
    LossValue renew() {
        value = prepare();
        return value;
    }

    private INDArray column() {
        return Nd4j.createUninitialized(moments.memory().type(), moments.width(), 1);
    }

    private LossValue prepare() {
        Memory memory = moments.memory();
        Ops ops = memory.ops();
        long width = moments.width();
        INDArray correlation = moments.cross();
        double share = 1.0 / moments.count();
        inverseDeviation(moments.squares1(), side1);
        inverseDeviation(moments.squares2(), side2);
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray row = memory.scratch().array(width, 1);
            INDArray diagonal = memory.scratch().array(width, 1);
            INDArray distance = memory.scratch().array(width, 1);
            ops.blend(side2.inverseDeviation, share, row, 0);
            ops.multiply(correlation, side1.inverseDeviation, correlation);
            ops.multiply(correlation, memory.reshape(row, width), correlation);
            ops.copy(memory.diagonal(correlation), memory.reshape(diagonal, width));
            ops.zero(memory.diagonal(correlation));
            Columns.squares(memory, correlation, side1.slope, side2.slope);
            double offDiagonal = Embeddings.sum(memory, side1.slope);
            ops.add(diagonal, -1, distance);
            ops.blend(distance, 2 * options.scale() * share, weight, 0);

            ops.multiply(diagonal, weight, diagonal);
            for (Side side : new Side[] {side1, side2}) {
                ops.blend(diagonal, -1, side.slope, -2 * options.scale() * options.lambda() * share);
            }
            return LossValue.of(options, Embeddings.squares(memory, distance), offDiagonal);
        }
    }

    private void inverseDeviation(INDArray squares, Side side) {
        Ops ops = moments.memory().ops();
        ops.blend(squares, 1.0 / moments.count(), side.inverseDeviation, 0);
        ops.add(side.inverseDeviation, options.eps(), side.inverseDeviation);
        ops.inverseSqrt(side.inverseDeviation, side.inverseDeviation);
    }

    /**
     * The gradient of the whole batch's loss with respect to some of its rows, in any order.
     *
     * @param z1 [rows, width], as they were added, not modified
     * @param z2 [rows, width], not modified
     * @param gradient1 [rows, width], result
     * @param gradient2 [rows, width], result
     */
    public void gradients(INDArray z1, INDArray z2, INDArray gradient1, INDArray gradient2) {
        Embeddings.check(z1, z2);
        Check.width("z1", z1, moments.width());
        Embeddings.checkResult("gradient1", gradient1, z1);
        Embeddings.checkResult("gradient2", gradient2, z2);
        Memory memory = moments.memory();
        Embeddings.checkFinite(memory, "z1", z1);
        Embeddings.checkFinite(memory, "z2", z2);
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray rows1 = standardize(z1, side1);
            INDArray rows2 = standardize(z2, side2);
            gradient(rows1, rows2, side1, true, gradient1);
            gradient(rows2, rows1, side2, false, gradient2);
        }
    }

    private INDArray standardize(INDArray embedding, Side side) {
        Memory memory = moments.memory();
        INDArray rows = memory.scratch().array(embedding.shape());
        memory.ops().subtract(embedding, row(side.mean), rows);
        memory.ops().multiply(rows, row(side.inverseDeviation), rows);
        return rows;
    }

    private void gradient(INDArray own, INDArray other, Side side, boolean transpose, INDArray result) {
        Memory memory = moments.memory();
        double factor = 2 * options.scale() * options.lambda() / moments.count();
        memory.ops().product(other, moments.cross(), result, false, transpose, factor, 0);
        Columns.addScaled(memory, result, other, row(weight));
        Columns.addScaled(memory, result, own, row(side.slope));
        memory.ops().multiply(result, row(side.inverseDeviation), result);
    }

    private INDArray row(INDArray column) {
        return moments.memory().reshape(column, moments.width());
    }

    /** Frees this, not the moments. */
    @Override
    public void close() {
        weight.close();
        side1.inverseDeviation.close();
        side1.slope.close();
        side2.inverseDeviation.close();
        side2.slope.close();
    }
}
