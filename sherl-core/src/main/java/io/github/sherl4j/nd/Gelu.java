package io.github.sherl4j.nd;

import java.util.function.BiConsumer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The exact Gaussian error linear unit, {@code gelu(x) = x P(x)} with P the normal distribution function (Hendrycks and
 * Gimpel 2016). It works through blocks of rows, so that its own memory stays small beside the largest arrays of a
 * transformer, which these are.
 */
public final class Gelu {
    private static final double INVERSE_SQRT_2 = Math.sqrt(0.5);
    private static final double INVERSE_SQRT_2_PI = 1 / Math.sqrt(2 * Math.PI);
    private static final long BLOCK = 1 << 19;

    private Gelu() {}

    /**
     * {@code result = gelu(x)}.
     *
     * @param x [..., width] in C order, not modified unless it is also the result
     * @param result the same shape; may be x itself
     */
    public static void apply(Memory memory, INDArray x, INDArray result) {
        Ops ops = memory.ops();
        byBlocks(memory, x, result, (from, to) -> {
            INDArray distribution = memory.scratch().array(from.shape());
            distribution(ops, from, distribution);
            ops.multiply(from, distribution, to);
        });
    }

    /**
     * {@code gradient *= gelu'(x)}, with {@code gelu'(x) = P(x) + x p(x)}, P and p the normal distribution and density.
     *
     * @param x [..., width] in C order, not modified
     * @param gradient the same shape, overwritten by the result
     */
    public static void gradient(Memory memory, INDArray x, INDArray gradient) {
        Ops ops = memory.ops();
        byBlocks(memory, x, gradient, (at, slope) -> {
            INDArray derivative = memory.scratch().array(at.shape());
            INDArray density = memory.scratch().array(at.shape());
            distribution(ops, at, derivative);
            ops.multiply(at, at, density);
            ops.multiply(density, -0.5, density);
            ops.exp(density, density);
            ops.multiply(density, INVERSE_SQRT_2_PI, density);
            ops.multiply(density, at, density);
            ops.add(derivative, density, derivative);
            ops.multiply(slope, derivative, slope);
        });
    }

    /** {@code result = (1 + erf(x / sqrt 2)) / 2}. */
    private static void distribution(Ops ops, INDArray x, INDArray result) {
        ops.multiply(x, INVERSE_SQRT_2, result);
        ops.erf(result, result);
        ops.add(result, 1, result);
        ops.multiply(result, 0.5, result);
    }

    static void byBlocks(Memory memory, INDArray x, INDArray y, BiConsumer<INDArray, INDArray> work) {
        INDArray xRows = memory.rows(x);
        INDArray yRows = memory.rows(y);
        long rows = xRows.size(0);
        long atOnce = Math.max(1, BLOCK / xRows.size(1));
        for (long from = 0; from < rows; from += atOnce) {
            long to = Math.min(rows, from + atOnce);
            try (Arena.Scope scope = memory.scratch().scope()) {
                work.accept(memory.slices(xRows, from, to), memory.slices(yRows, from, to));
            }
        }
    }
}
