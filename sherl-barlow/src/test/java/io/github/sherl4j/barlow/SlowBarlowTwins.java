package io.github.sherl4j.barlow;

import io.github.sherl4j.TestArrays;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The paper's algorithm 1, number by number. */
final class SlowBarlowTwins {
    private SlowBarlowTwins() {}

    static LossValue loss(INDArray z1, INDArray z2, LossOptions options) {
        int batch = (int) z1.size(0);
        int width = (int) z1.size(1);
        double[] a = standardized(TestArrays.numbers(z1), batch, width, options.eps());
        double[] b = standardized(TestArrays.numbers(z2), batch, width, options.eps());
        double on = 0;
        double off = 0;
        for (int i = 0; i < width; i++) {
            for (int j = 0; j < width; j++) {
                double c = 0;
                for (int n = 0; n < batch; n++) {
                    c += a[n * width + i] * b[n * width + j] / batch;
                }
                if (i == j) {
                    on += (c - 1) * (c - 1);
                } else {
                    off += c * c;
                }
            }
        }
        return new LossValue(options.scale() * (on + options.lambda() * off), on, off);
    }

    private static double[] standardized(double[] z, int batch, int width, double eps) {
        double[] result = new double[z.length];
        for (int i = 0; i < width; i++) {
            double mean = 0;
            double variance = 0;
            for (int n = 0; n < batch; n++) {
                mean += z[n * width + i] / batch;
            }
            for (int n = 0; n < batch; n++) {
                double deviation = z[n * width + i] - mean;
                variance += deviation * deviation / batch;
            }
            for (int n = 0; n < batch; n++) {
                result[n * width + i] = (z[n * width + i] - mean) / Math.sqrt(variance + eps);
            }
        }
        return result;
    }
}
