package io.github.sherl4j.nd;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The approximation of GELU that CLIP was trained with, {@code x sigmoid(1.702 x)} (Hendrycks and Gimpel 2016, section 2). It
 * works through blocks of rows as {@link Gelu} does.
 */
public final class QuickGelu {
    private static final double STEEPNESS = 1.702;

    private QuickGelu() {}

    /**
     * {@code result = x sigmoid(1.702 x)}.
     *
     * @param x [..., width] in C order, not modified unless it is also the result
     * @param result the same shape; may be x itself
     */
    public static void apply(Memory memory, INDArray x, INDArray result) {
        Ops ops = memory.ops();
        Gelu.byBlocks(memory, x, result, (from, to) -> {
            INDArray openness = memory.scratch().array(from.shape());
            openness(ops, from, openness);
            ops.multiply(from, openness, to);
        });
    }

    /**
     * {@code gradient *= s (1 + 1.702 x (1 - s))} with {@code s = sigmoid(1.702 x)}.
     *
     * @param x [..., width] in C order, not modified
     * @param gradient the same shape, overwritten by the result
     */
    public static void gradient(Memory memory, INDArray x, INDArray gradient) {
        Ops ops = memory.ops();
        Gelu.byBlocks(memory, x, gradient, (at, slope) -> {
            INDArray openness = memory.scratch().array(at.shape());
            INDArray derivative = memory.scratch().array(at.shape());
            openness(ops, at, openness);
            ops.multiply(openness, -1, derivative);
            ops.add(derivative, 1, derivative);
            ops.multiply(derivative, at, derivative);
            ops.multiply(derivative, STEEPNESS, derivative);
            ops.add(derivative, 1, derivative);
            ops.multiply(derivative, openness, derivative);
            ops.multiply(slope, derivative, slope);
        });
    }

    private static void openness(Ops ops, INDArray x, INDArray result) {
        ops.multiply(x, STEEPNESS, result);
        ops.sigmoid(result, result);
    }
}
