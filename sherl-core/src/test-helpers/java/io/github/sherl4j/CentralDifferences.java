package io.github.sherl4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.DoubleSupplier;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The oracle of all gradients: central differences in double precision. */
public final class CentralDifferences {
    private static final double STEP = 1e-5;
    private static final double RELATIVE = 1e-6;
    /** What rounding leaves of a gradient that is zero by construction. */
    private static final double NOISE = 1e-9;

    private CentralDifferences() {}

    /**
     * Fails unless the gradient is that of a function which reads the variable, up to an error of 1e-6 relative to the
     * largest number.
     */
    public static void check(String name, INDArray variable, INDArray gradient, DoubleSupplier function) {
        double[] found = TestArrays.numbers(gradient);
        double[] expected = gradient(variable, function);
        double largest = 0;
        for (double number : expected) {
            largest = Math.max(largest, Math.abs(number));
        }
        assertThat(TestArrays.difference(found, expected))
                .as("error of the gradient of %s, whose largest number is %s", name, largest)
                .isLessThanOrEqualTo(RELATIVE * largest + NOISE);
    }

    /** Central differences for every number of a variable, which has its value again afterwards. */
    public static double[] gradient(INDArray variable, DoubleSupplier function) {
        double[] values = TestArrays.numbers(variable);
        double[] gradient = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            TestArrays.set(variable, i, values[i] + STEP);
            double above = function.getAsDouble();
            TestArrays.set(variable, i, values[i] - STEP);
            double below = function.getAsDouble();
            TestArrays.set(variable, i, values[i]);
            gradient[i] = (above - below) / (2 * STEP);
        }
        return gradient;
    }

    /** The scalar function of a result whose gradient with respect to the result is the cotangent. */
    public static double weightedSum(INDArray result, double[] cotangent) {
        double[] numbers = TestArrays.numbers(result);
        double sum = 0;
        for (int i = 0; i < numbers.length; i++) {
            sum += numbers[i] * cotangent[i];
        }
        return sum;
    }
}
