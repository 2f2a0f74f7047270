package io.github.sherl4j.nd;

import static io.github.sherl4j.TestArrays.numbers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.sherl4j.CentralDifferences;
import io.github.sherl4j.TestArrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class NormalizationTest {
    private static final double EPS = 1e-3;

    @ParameterizedTest
    @EnumSource(
            value = DataType.class,
            names = {"FLOAT", "DOUBLE"})
    void standardizesRowsAndTellsTheirInverseDeviation(DataType type) {
        double tolerance = type == DataType.DOUBLE ? 1e-13 : 2e-6;
        for (int[] size : new int[][] {{1, 1}, {1, 7}, {5, 2}, {4, 33}}) {
            try (Memory memory = new Memory(type)) {
                INDArray x = TestArrays.normal(type, 1, size[0], size[1]);
                INDArray normalized = TestArrays.blank(type, size[0], size[1]);
                INDArray inverse = TestArrays.blank(type, size[0], 1);
                double[] before = numbers(x);
                double[] expectedInverse = new double[size[0]];
                double[] expected = slow(before, size[1], expectedInverse);

                Normalization.standardize(memory, x, EPS, normalized, inverse);

                assertThat(numbers(normalized)).containsExactly(expected, within(tolerance));
                assertThat(numbers(inverse)).containsExactly(expectedInverse, within(10 * tolerance));
                assertThat(numbers(x)).isEqualTo(before);
                Normalization.standardize(memory, x, EPS, x, inverse);
                assertThat(numbers(x)).isEqualTo(numbers(normalized));
            }
        }
    }

    @Test
    void aLargeMeanDoesNotDrownTheDifferences() {
        try (Memory memory = new Memory(DataType.FLOAT)) {
            INDArray x = TestArrays.of(DataType.FLOAT, new double[] {10000, 10002, 10000, 10002}, 1, 4);
            INDArray inverse = TestArrays.blank(DataType.FLOAT, 1, 1);
            Normalization.standardize(memory, x, 1e-12, x, inverse);
            assertThat(numbers(x)).containsExactly(new double[] {-1, 1, -1, 1}, within(2e-3));
        }
    }

    @Test
    void gradientIsThatOfCentralDifferences() {
        try (Memory memory = new Memory(DataType.DOUBLE)) {
            INDArray x = TestArrays.normal(DataType.DOUBLE, 1, 3, 5);
            INDArray normalized = TestArrays.blank(DataType.DOUBLE, 3, 5);
            INDArray inverse = TestArrays.blank(DataType.DOUBLE, 3, 1);
            double[] cotangent = TestArrays.normal(15, 2);
            Normalization.standardize(memory, x, EPS, normalized, inverse);
            double[] kept = numbers(normalized);
            INDArray gradient = TestArrays.of(DataType.DOUBLE, cotangent, 3, 5);

            Normalization.gradient(memory, gradient, normalized, inverse);

            assertThat(numbers(normalized)).isEqualTo(kept);
            CentralDifferences.check("x", x, gradient, () -> {
                Normalization.standardize(memory, x, EPS, normalized, inverse);
                return CentralDifferences.weightedSum(normalized, cotangent);
            });
        }
    }

    private static double[] slow(double[] x, int width, double[] inverse) {
        double[] result = new double[x.length];
        for (int row = 0; row < inverse.length; row++) {
            double mean = 0;
            double variance = 0;
            for (int i = 0; i < width; i++) {
                mean += x[row * width + i] / width;
            }
            for (int i = 0; i < width; i++) {
                variance += Math.pow(x[row * width + i] - mean, 2) / width;
            }
            inverse[row] = 1 / Math.sqrt(variance + EPS);
            for (int i = 0; i < width; i++) {
                result[row * width + i] = (x[row * width + i] - mean) * inverse[row];
            }
        }
        return result;
    }
}
