package io.github.sherl4j.barlow;

import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.Columns;
import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.nd.Ops;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * {@link LossForm#GRAM}: the whole batch at once, without the correlation matrix. With h the standardised embeddings and
 * K = h h^T,
 *
 * <pre>
 * sum_ij c_ij^2 = sum(K1 * K2) / N^2
 * gradient of h1 = scale * (2 lambda / N^2 K2 h1 + 2 / N ((1 - lambda) c_ii - 1) h2)
 * </pre>
 *
 * <p>and behind the standardisation {@code (g - h mean(g h)) / deviation}: the columns of g have mean 0, since those of h do.
 */
final class GramLoss {
    private final Memory memory;
    private final LossOptions options;

    GramLoss(Memory memory, LossOptions options) {
        this.memory = memory;
        this.options = options;
    }

    /** One view: rows with mean 0 and variance 1 [batch, width], and 1 / sqrt(variance + eps) [width, 1]. */
    private record View(INDArray rows, INDArray inverseDeviation) {}

    /** Overwrites the gradients, both [batch, width], by those of the embeddings, which are not modified. */
    LossValue compute(INDArray z1, INDArray z2, INDArray gradient1, INDArray gradient2) {
        Ops ops = memory.ops();
        long batch = z1.size(0);
        long width = z1.size(1);
        try (Arena.Scope scope = memory.scratch().scope()) {
            View view1 = standardize("z1", z1);
            View view2 = standardize("z2", z2);
            INDArray gram1 = memory.scratch().array(batch, batch);
            INDArray gram2 = memory.scratch().array(batch, batch);
            ops.product(view1.rows, view1.rows, gram1, false, true, 1, 0);
            ops.product(view2.rows, view2.rows, gram2, false, true, 1, 0);
            double allSquares = innerProduct(gram1, gram2) / ((double) batch * batch);

            INDArray diagonal = memory.scratch().array(width, 1);
            INDArray distance = memory.scratch().array(width, 1);
            INDArray weight = memory.scratch().array(width, 1);
            Columns.dots(memory, view1.rows, view2.rows, 1.0 / batch, diagonal, 0);
            ops.add(diagonal, -1, distance);
            double onDiagonal = Embeddings.squares(memory, distance);
            double offDiagonal = allSquares - Embeddings.squares(memory, diagonal);
            double factor = 2 * options.scale() / batch;
            ops.blend(distance, factor, weight, 0);
            ops.blend(diagonal, -factor * options.lambda(), weight, 1);

            gradient(view1, view2, gram2, weight, gradient1);
            gradient(view2, view1, gram1, weight, gradient2);
            return LossValue.of(options, onDiagonal, offDiagonal);
        }
    }

    private View standardize(String name, INDArray embedding) {
        Ops ops = memory.ops();
        long width = embedding.size(1);
        INDArray rows = memory.scratch().array(embedding.shape());
        INDArray column = memory.scratch().array(width, 1); // mean, then variance, then 1 / deviation
        INDArray row = memory.reshape(column, width);
        ops.meanColumns(embedding, column);
        ops.subtract(embedding, row, rows);
        Columns.dots(memory, rows, rows, 1.0 / embedding.size(0), column, 0);
        Embeddings.checkFinite(memory, name, embedding, column);
        ops.add(column, options.eps(), column);
        ops.inverseSqrt(column, column);
        ops.multiply(rows, row, rows);
        return new View(rows, column);
    }

    /** sum(x * y) of two matrices. */
    private double innerProduct(INDArray x, INDArray y) {
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray columns = memory.scratch().array(x.size(1), 1);
            Columns.dots(memory, x, y, 1, columns, 0);
            return Embeddings.sum(memory, columns);
        }
    }

    private void gradient(View own, View other, INDArray otherGram, INDArray weight, INDArray result) {
        Ops ops = memory.ops();
        long batch = own.rows.size(0);
        long width = own.rows.size(1);
        double factor = 2 * options.scale() * options.lambda() / ((double) batch * batch);
        ops.product(otherGram, own.rows, result, false, false, factor, 0);
        Columns.addScaled(memory, result, other.rows, memory.reshape(weight, width));
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray mean = memory.scratch().array(width, 1);
            Columns.dots(memory, result, own.rows, -1.0 / batch, mean, 0);
            Columns.addScaled(memory, result, own.rows, memory.reshape(mean, width));
            ops.multiply(result, memory.reshape(own.inverseDeviation, width), result);
        }
    }
}
