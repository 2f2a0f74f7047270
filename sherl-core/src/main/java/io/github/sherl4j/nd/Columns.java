package io.github.sherl4j.nd;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Sums over products of matrices [rows, width], taken in blocks of rows that stay in a cache: so the product of two matrices
 * needs no third one as large.
 */
public final class Columns {
    private static final long BLOCK_LENGTH = 1 << 16;

    private Columns() {}

    /** What is done with one block: rows {@code from} (inclusive) to {@code to} (exclusive), and scratch of their shape. */
    private interface Block {
        void run(long from, long to, INDArray scratch);
    }

    /**
     * The product of each column with its partner: {@code result[i] = factor * sum_n x[n, i] y[n, i] + keep * result[i]}.
     *
     * @param x [rows, width], not modified
     * @param y [rows, width], not modified; may be x
     * @param result [width, 1]
     */
    public static void dots(Memory memory, INDArray x, INDArray y, double factor, INDArray result, double keep) {
        Ops ops = memory.ops();
        blocks(memory, x, (from, to, scratch) -> {
            ops.multiply(memory.slices(x, from, to), memory.slices(y, from, to), scratch);
            ops.sumColumns(scratch, factor, result, from == 0 ? keep : 1);
        });
    }

    /**
     * {@code x[n, i] += y[n, i] * row[i]}.
     *
     * @param x [rows, width], modified
     * @param y [rows, width], not modified
     * @param row [width], not modified
     */
    public static void addScaled(Memory memory, INDArray x, INDArray y, INDArray row) {
        Ops ops = memory.ops();
        blocks(memory, x, (from, to, scratch) -> {
            INDArray part = memory.slices(x, from, to);
            ops.multiply(memory.slices(y, from, to), row, scratch);
            ops.add(part, scratch, part);
        });
    }

    /**
     * Sums of squares of each row and of each column.
     *
     * @param x [rows, width], not modified
     * @param rowSums [rows, 1], result
     * @param columnSums [width, 1], result
     */
    public static void squares(Memory memory, INDArray x, INDArray rowSums, INDArray columnSums) {
        Ops ops = memory.ops();
        blocks(memory, x, (from, to, scratch) -> {
            INDArray part = memory.slices(x, from, to);
            ops.multiply(part, part, scratch);
            ops.sumRows(scratch, memory.slices(rowSums, from, to));
            ops.sumColumns(scratch, columnSums, from == 0 ? 0 : 1);
        });
    }

    private static void blocks(Memory memory, INDArray x, Block block) {
        long rows = x.size(0);
        long width = x.size(1);
        long size = Math.min(rows, Math.max(1, BLOCK_LENGTH / width));
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray scratch = memory.scratch().array(size, width);
            for (long from = 0; from < rows; from += size) {
                long to = Math.min(rows, from + size);
                block.run(from, to, memory.slices(scratch, 0, to - from));
            }
        }
    }
}
