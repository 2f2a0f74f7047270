package io.github.sherl4j.barlow;

import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.Check;
import io.github.sherl4j.nd.Columns;
import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.nd.Ops;
import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * What a batch that is seen in parts has to remember of the parts seen: how many rows, the means of both views, and the sums
 * of squares and cross products of the deviations from them. That is all that several devices have to exchange for the
 * exact loss of their common batch: each {@linkplain #add adds} its own rows, then {@linkplain #merge merges} the others'.
 *
 * <p>Parts combine by the formula of Chan, Golub and LeVeque (1983), which does not lose digits where means are large: the
 * distance of the means of two parts with m and n rows counts like one more row, with weight m n / (m + n).
 */
public final class CrossMoments implements AutoCloseable {
    private final Memory memory;
    private final long width;
    private final INDArray mean1;
    private final INDArray mean2;
    private final INDArray squares1;
    private final INDArray squares2;
    private final INDArray cross;
    private long count;

    /**
     * Moments of no rows yet.
     *
     * @param type FLOAT or DOUBLE
     * @param width of the embeddings, positive
     */
    public CrossMoments(DataType type, long width) {
        this(type, width, new Memory(type));
    }

    /** @param memory closed with this */
    CrossMoments(DataType type, long width, Memory memory) {
        Check.argument(width > 0, "width must be positive, but is %s", width);
        this.memory = memory;
        this.width = width;
        this.mean1 = Nd4j.create(type, width, 1);
        this.mean2 = Nd4j.create(type, width, 1);
        this.squares1 = Nd4j.create(type, width, 1);
        this.squares2 = Nd4j.create(type, width, 1);
        this.cross = Nd4j.create(type, width, width);
    }

    /** Rows seen. */
    public long count() {
        return count;
    }

    /** Width of the embeddings. */
    public long width() {
        return width;
    }

    /** Means of view 1's columns, [width, 1]; live, not to be modified. */
    public INDArray mean1() {
        return mean1;
    }

    /** Means of view 2's columns, [width, 1]; live, not to be modified. */
    public INDArray mean2() {
        return mean2;
    }

    /** Sums of the squares of view 1's deviations from its means, [width, 1]; live, not to be modified. */
    public INDArray squares1() {
        return squares1;
    }

    /** Sums of the squares of view 2's deviations from its means, [width, 1]; live, not to be modified. */
    public INDArray squares2() {
        return squares2;
    }

    /**
     * Sums of the products of view 1's deviations (rows) with view 2's (columns), [width, width]; live, not to be modified.
     */
    public INDArray cross() {
        return cross;
    }

    /** Forgets all rows, which makes the next batch's moments in the same memory. {@link #cross()} is undefined until then. */
    public void clear() {
        memory.reset();
        count = 0;
        for (INDArray array : List.of(mean1, mean2, squares1, squares2)) {
            memory.ops().zero(array);
        }
    }

    /**
     * Adds rows.
     *
     * @param z1 [rows, width], not modified
     * @param z2 [rows, width], the same examples in the other view, not modified
     * @throws IllegalArgumentException if shapes or types do not fit, or numbers are not finite; nothing is changed then
     */
    public void add(INDArray z1, INDArray z2) {
        Embeddings.check(z1, z2);
        Check.width("z1", z1, width);
        Check.argument(z1.dataType() == memory.type(), "z1 must be %s, but is %s", memory.type(), z1.dataType());
        try (Arena.Scope scope = memory.scratch().scope()) {
            Part part1 = part("z1", z1, mean1);
            Part part2 = part("z2", z2, mean2);
            Ops ops = memory.ops();
            ops.product(part1.deviations, part2.deviations, cross, true, false, 1, keep());
            combine(part1, mean1, squares1, z1.size(0));
            combine(part2, mean2, squares2, z1.size(0));
        }
        count += z1.size(0);
    }

    /** The deviations of a part's rows from their means, and last the weighted distance of these from the means so far. */
    private record Part(INDArray deviations, INDArray distance, INDArray squares) {}

    private Part part(String name, INDArray rows, INDArray mean) {
        Ops ops = memory.ops();
        long n = rows.size(0);
        INDArray distance = memory.scratch().array(width, 1);
        INDArray squares = memory.scratch().array(width, 1);
        INDArray deviations = memory.scratch().array(n + 1, width);
        INDArray deviationRows = memory.slices(deviations, 0, n);
        INDArray last = memory.reshape(memory.slices(deviations, n, n + 1), width, 1);
        ops.meanColumns(rows, distance);
        ops.subtract(rows, memory.reshape(distance, width), deviationRows);
        ops.subtract(distance, mean, distance);
        double weight = (double) count * n / (count + n);
        ops.blend(distance, Math.sqrt(weight), last, 0);
        Columns.dots(memory, deviations, deviations, 1, squares, 0);
        Embeddings.checkFinite(memory, name, rows, squares);
        return new Part(deviations, distance, squares);
    }

    private void combine(Part part, INDArray mean, INDArray squares, long n) {
        memory.ops().blend(part.distance, n / (double) (count + n), mean, 1);
        memory.ops().add(squares, part.squares, squares);
    }

    /**
     * Adds the rows that others saw, such as another device.
     *
     * @param otherCount how many, positive
     * @param otherMean1 [width, 1], as {@link #mean1()}; like the others not modified
     * @param otherMean2 [width, 1]
     * @param otherSquares1 [width, 1]
     * @param otherSquares2 [width, 1]
     * @param otherCross [width, width]
     */
    public void merge(
            long otherCount,
            INDArray otherMean1,
            INDArray otherMean2,
            INDArray otherSquares1,
            INDArray otherSquares2,
            INDArray otherCross) {
        Check.argument(otherCount > 0, "otherCount must be positive, but is %s", otherCount);
        checkOther("otherMean1", otherMean1, mean1);
        checkOther("otherMean2", otherMean2, mean2);
        checkOther("otherSquares1", otherSquares1, squares1);
        checkOther("otherSquares2", otherSquares2, squares2);
        checkOther("otherCross", otherCross, cross);
        Ops ops = memory.ops();
        double share = otherCount / (double) (count + otherCount);
        double weight = count * share;
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray distance1 = mergeView(otherMean1, otherSquares1, mean1, squares1, weight, share);
            INDArray distance2 = mergeView(otherMean2, otherSquares2, mean2, squares2, weight, share);
            ops.product(distance1, distance2, cross, false, true, weight, keep());
            ops.add(cross, otherCross, cross);
        }
        count += otherCount;
    }

    /** Adds the rows that others saw. */
    public void merge(CrossMoments other) {
        merge(other.count, other.mean1, other.mean2, other.squares1, other.squares2, other.cross);
    }

    private INDArray mergeView(
            INDArray otherMean, INDArray otherSquares, INDArray mean, INDArray squares, double weight, double share) {
        Ops ops = memory.ops();
        INDArray distance = memory.scratch().array(width, 1);
        INDArray product = memory.scratch().array(width, 1);
        ops.subtract(otherMean, mean, distance);
        ops.multiply(distance, distance, product);
        ops.blend(product, weight, squares, 1);
        ops.add(squares, otherSquares, squares);
        ops.blend(distance, share, mean, 1);
        return distance;
    }

    /** Whether there are cross products to add to. */
    private double keep() {
        return count == 0 ? 0 : 1;
    }

    private static void checkOther(String name, INDArray array, INDArray own) {
        Check.shape(name, array, own.shape());
        Check.argument(
                array.dataType() == own.dataType(), "%s must be %s, but is %s", name, own.dataType(), array.dataType());
    }

    /** Native bytes held now. */
    long bytes() {
        return (4 * width + width * width) * memory.type().width() + memory.bytes();
    }

    Memory memory() {
        return memory;
    }

    /** Frees all arrays. */
    @Override
    public void close() {
        mean1.close();
        mean2.close();
        squares1.close();
        squares2.close();
        cross.close();
        memory.close();
    }
}
