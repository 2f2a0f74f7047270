package io.github.sherl4j.nd;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The approximation of GELU by a hyperbolic tangent (Hendrycks and Gimpel 2016, section 2), which T5 v1.1 was trained with:
 * {@code x (1 + tanh(v)) / 2 = x sigmoid(2 v)} with {@code v = sqrt(2 / pi) (x + 0.044715 x^3)}. It works through blocks of rows
 * as {@link Gelu} does.
 */
public final class TanhGelu {
    private static final double LINEAR = 2 * Math.sqrt(2 / Math.PI);
    private static final double CUBIC = 0.044715 * LINEAR;

    private TanhGelu() {}

    /**
     * {@code result = x sigmoid(2 v)}.
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
     * {@code gradient *= s + x s (1 - s) u'} with {@code u = 2 v}, {@code s = sigmoid(u)}.
     *
     * @param x [..., width] in C order, not modified
     * @param gradient the same shape, overwritten by the result
     */
    public static void gradient(Memory memory, INDArray x, INDArray gradient) {
        Ops ops = memory.ops();
        Gelu.byBlocks(memory, x, gradient, (at, slope) -> {
            INDArray openness = memory.scratch().array(at.shape());
            INDArray derivative = memory.scratch().array(at.shape());
            INDArray closed = memory.scratch().array(at.shape());
            openness(ops, at, openness);
            polynomial(ops, at, 3 * CUBIC, derivative);
            ops.multiply(derivative, at, derivative);
            ops.multiply(openness, -1, closed);
            ops.add(closed, 1, closed);
            ops.multiply(derivative, closed, derivative);
            ops.add(derivative, 1, derivative);
            ops.multiply(derivative, openness, derivative);
            ops.multiply(slope, derivative, slope);
        });
    }

    private static void openness(Ops ops, INDArray x, INDArray result) {
        polynomial(ops, x, CUBIC, result);
        ops.multiply(result, x, result);
        ops.sigmoid(result, result);
    }

    /** {@code result = LINEAR + quadratic x^2}. */
    private static void polynomial(Ops ops, INDArray x, double quadratic, INDArray result) {
        ops.multiply(x, x, result);
        ops.multiply(result, quadratic, result);
        ops.add(result, LINEAR, result);
    }
}
