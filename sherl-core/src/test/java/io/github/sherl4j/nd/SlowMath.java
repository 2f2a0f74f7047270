package io.github.sherl4j.nd;

/** Functions that Java lacks, slowly and to double rounding. */
final class SlowMath {
    private SlowMath() {}

    /** By the series {@code 2/sqrt(pi) e^(-x^2) sum_n 2^n x^(2n+1) / (2n+1)!!}, whose terms all have one sign. */
    static double erf(double x) {
        if (Math.abs(x) > 6) {
            return Math.signum(x);
        }
        double term = x;
        double sum = 0;
        for (int n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
            sum += term;
            term *= 2 * x * x / (2 * n + 1);
        }
        return 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * sum;
    }

    /** {@code x P(x)}, P the normal distribution function. */
    static double gelu(double x) {
        return x * (1 + erf(x / Math.sqrt(2))) / 2;
    }

    /** x [rows, inner] y [inner, columns], both transposed before if asked. */
    static double[] product(double[] x, double[] y, int rows, int inner, int columns, boolean tx, boolean ty) {
        double[] result = new double[rows * columns];
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                for (int k = 0; k < inner; k++) {
                    result[i * columns + j] +=
                            (tx ? x[k * rows + i] : x[i * inner + k]) * (ty ? y[j * inner + k] : y[k * columns + j]);
                }
            }
        }
        return result;
    }
}
