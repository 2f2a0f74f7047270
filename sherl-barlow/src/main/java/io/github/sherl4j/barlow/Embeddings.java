package io.github.sherl4j.barlow;

import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.Check;
import io.github.sherl4j.nd.Memory;
import java.util.Arrays;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Checks of embeddings at the public entries, before anything is changed. */
final class Embeddings {
    private Embeddings() {}

    /** Fails unless both are [rows, width] of one shape and one type, FLOAT or DOUBLE. */
    static void check(INDArray z1, INDArray z2) {
        Check.argument(
                z1.rank() == 2 && z1.length() > 0,
                "z1 must be [batch, width], but has shape %s",
                Arrays.toString(z1.shape()));
        Check.shape("z2", z2, z1.shape());
        DataType type = z1.dataType();
        Check.argument(
                type == DataType.FLOAT || type == DataType.DOUBLE, "z1 must be FLOAT or DOUBLE, but is %s", type);
        Check.argument(z2.dataType() == type, "z2 must be %s like z1, but is %s", type, z2.dataType());
    }

    /** Fails unless a result can take the gradient of an embedding. */
    static void checkResult(String name, INDArray result, INDArray embedding) {
        Check.shape(name, result, embedding.shape());
        Check.argument(
                result.dataType() == embedding.dataType(),
                "%s must be %s like the embeddings, but is %s",
                name,
                embedding.dataType(),
                result.dataType());
    }

    static void checkBatch(long batch) {
        Check.argument(batch > 1, "The batch must have at least 2 rows, but has %s", batch);
    }

    /** Fails unless all numbers of an embedding are finite. */
    static void checkFinite(Memory memory, String name, INDArray embedding) {
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray mean = memory.scratch().array(embedding.size(1), 1);
            memory.ops().meanColumns(embedding, mean);
            checkFinite(memory, name, embedding, mean);
        }
    }

    /**
     * Fails unless statistics of an embedding's columns are finite, which they are not if one of its numbers is not.
     *
     * @param column [width, 1], such as the means
     */
    static void checkFinite(Memory memory, String name, INDArray embedding, INDArray column) {
        if (Double.isFinite(sum(memory, column))) {
            return;
        }
        for (long row = 0; row < embedding.size(0); row++) {
            for (long i = 0; i < embedding.size(1); i++) {
                double number = embedding.getDouble(row, i);
                Check.argument(
                        Double.isFinite(number), "%s must be finite, but has %s at [%s, %s]", name, number, row, i);
            }
        }
        throw new IllegalArgumentException(
                "%s is too large: statistics of its columns are not finite in %s".formatted(name, memory.type()));
    }

    /** The sum of a column [n, 1]. */
    static double sum(Memory memory, INDArray column) {
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray sum = memory.scratch().array(1, 1);
            memory.ops().sumColumns(column, sum, 0);
            return sum.getDouble(0);
        }
    }

    /** The sum of the squares of a column [n, 1]. */
    static double squares(Memory memory, INDArray column) {
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray sum = memory.scratch().array(1, 1);
            memory.ops().product(column, column, sum, true, false, 1, 0);
            return sum.getDouble(0);
        }
    }
}
