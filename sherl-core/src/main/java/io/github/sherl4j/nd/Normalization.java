package io.github.sherl4j.nd;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Standardisation of rows, the arithmetic of layer norm: {@code y = (x - mean) / sqrt(variance + eps)} with the biased
 * variance. Composed from products with constant vectors and in-place arithmetic, which is several times faster than ND4J's
 * {@code layer_norm} and exact to rounding.
 */
public final class Normalization {
    private Normalization() {}

    /**
     * Standardises each row.
     *
     * @param x [rows, width], not modified unless it is also the result
     * @param normalized [rows, width], result
     * @param inverseDeviation [rows, 1], result: 1 / sqrt(variance + eps)
     */
    public static void standardize(
            Memory memory, INDArray x, double eps, INDArray normalized, INDArray inverseDeviation) {
        Ops ops = memory.ops();
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray squares = memory.scratch().array(x.shape());
            ops.meanRows(x, inverseDeviation);
            ops.subtract(x, inverseDeviation, normalized);
            ops.multiply(normalized, normalized, squares);
            ops.meanRows(squares, inverseDeviation);
            ops.add(inverseDeviation, eps, inverseDeviation);
            ops.inverseSqrt(inverseDeviation, inverseDeviation);
            ops.multiply(normalized, inverseDeviation, normalized);
        }
    }

    /**
     * Gradient with respect to the rows before standardisation:
     * {@code (g - mean(g) - y mean(g y)) / deviation}.
     *
     * @param gradient [rows, width], gradient with respect to the standardised rows; overwritten by the result
     * @param normalized [rows, width], not modified
     * @param inverseDeviation [rows, 1], not modified
     */
    public static void gradient(Memory memory, INDArray gradient, INDArray normalized, INDArray inverseDeviation) {
        Ops ops = memory.ops();
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray product = memory.scratch().array(gradient.shape());
            INDArray mean = memory.scratch().array(gradient.size(0), 1);
            ops.multiply(gradient, normalized, product);
            ops.meanRows(gradient, mean);
            ops.subtract(gradient, mean, gradient);
            ops.meanRows(product, mean);
            ops.multiply(normalized, mean, product);
            ops.subtract(gradient, product, gradient);
            ops.multiply(gradient, inverseDeviation, gradient);
        }
    }

    /**
     * Divides each row by its root mean square: {@code y = x / sqrt(mean(x^2) + eps)}.
     *
     * @param x [rows, width], not modified unless it is also the result
     * @param normalized [rows, width], result
     * @param inverse [rows, 1], result: 1 / sqrt(mean(x^2) + eps)
     */
    public static void rootMeanSquare(Memory memory, INDArray x, double eps, INDArray normalized, INDArray inverse) {
        Ops ops = memory.ops();
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray squares = memory.scratch().array(x.shape());
            ops.multiply(x, x, squares);
            ops.meanRows(squares, inverse);
            ops.add(inverse, eps, inverse);
            ops.inverseSqrt(inverse, inverse);
            ops.multiply(x, inverse, normalized);
        }
    }

    /**
     * Gradient of {@link #rootMeanSquare}: {@code (g - y mean(g y)) * inverse}.
     *
     * @param gradient [rows, width], gradient with respect to the normalised rows; overwritten by the result
     * @param normalized [rows, width], not modified
     * @param inverse [rows, 1], not modified
     */
    public static void rootMeanSquareGradient(Memory memory, INDArray gradient, INDArray normalized, INDArray inverse) {
        Ops ops = memory.ops();
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray product = memory.scratch().array(gradient.shape());
            INDArray mean = memory.scratch().array(gradient.size(0), 1);
            ops.multiply(gradient, normalized, product);
            ops.meanRows(product, mean);
            ops.multiply(normalized, mean, product);
            ops.subtract(gradient, product, gradient);
            ops.multiply(gradient, inverse, gradient);
        }
    }
}
