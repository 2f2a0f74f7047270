package io.github.sherl4j.train;

import io.github.sherl4j.nd.NativeArrays;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Layer-wise adaptive rates (You et al. 2017) for one parameter p with gradient g, both whole views of contiguous memory:
 * {@code g = g + decay * p}, then {@code g = g * eta * |p| / |g|}, without the second where a norm is 0.
 */
final class TrustRatio {
    private TrustRatio() {}

    /** Modifies the gradient, not the parameter. */
    static void apply(INDArray parameter, INDArray gradient, double eta, double decay) {
        decay(parameter, gradient, decay);
        double parameterNorm = norm(parameter);
        double gradientNorm = norm(gradient);
        if (parameterNorm > 0 && gradientNorm > 0) {
            NativeArrays.scale(gradient, eta * parameterNorm / gradientNorm);
        }
    }

    /** {@code g = g + decay * p}. */
    static void decay(INDArray parameter, INDArray gradient, double decay) {
        if (decay > 0) {
            Nd4j.getBlasWrapper().level1().axpy(parameter.length(), decay, parameter, gradient);
        }
    }

    /** By BLAS, since ND4J's own norm overflows from 1e19 on and is 2 % short at 60 million floats. */
    static double norm(INDArray array) {
        return Nd4j.getBlasWrapper().level1().nrm2(array);
    }
}
