package io.github.sherl4j.nd;

import static io.github.sherl4j.TestArrays.numbers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.sherl4j.CentralDifferences;
import io.github.sherl4j.TestArrays;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class GeluTest {
    private static final double[] POINTS = {-3, -1, -0.5, 0, 0.1, 0.5, 1, 2, 3, 10, -10, 100, -100};

    /** {@code x P(x)}, computed to 60 digits and rounded. */
    private static final double[] VALUES = {
        -0.0040496940948902835,
        -0.15865525393145705,
        -0.15426876936299344,
        0,
        0.0539827837277029,
        0.34573123063700656,
        0.8413447460685429,
        1.9544997361036416,
        2.99595030590511,
        10,
        -7.619853024160526e-23,
        100,
        0
    };

    @Test
    void equalsHighPrecisionConstants() {
        assertThat(apply(DataType.DOUBLE, POINTS)).containsExactly(VALUES, within(4e-16));
        assertThat(apply(DataType.FLOAT, POINTS)).containsExactly(VALUES, within(3e-7));
    }

    @Test
    void floatsDeviateFromDoublesByLessThanAMillionth() {
        double[] points = new double[4001];
        for (int i = 0; i < points.length; i++) {
            points[i] = (float) (-10 + i * 0.005);
        }
        double[] expected = TestArrays.each(points, SlowMath::gelu);
        assertThat(apply(DataType.DOUBLE, points)).containsExactly(expected, within(1e-14));
        assertThat(apply(DataType.FLOAT, points)).containsExactly(expected, within(1e-6));
        assertThat(gradient(DataType.FLOAT, points)).containsExactly(gradient(DataType.DOUBLE, points), within(1e-6));
    }

    @Test
    void gradientIsThatOfCentralDifferences() {
        try (Memory memory = new Memory(DataType.DOUBLE)) {
            INDArray x = TestArrays.of(DataType.DOUBLE, POINTS, 1, POINTS.length);
            double[] cotangent = TestArrays.normal(POINTS.length, 2);
            INDArray gradient = TestArrays.of(DataType.DOUBLE, cotangent, 1, POINTS.length);
            INDArray result = TestArrays.blank(DataType.DOUBLE, 1, POINTS.length);

            Gelu.gradient(memory, x, gradient);

            assertThat(numbers(x)).isEqualTo(POINTS);
            CentralDifferences.check("x", x, gradient, () -> {
                Gelu.apply(memory, x, result);
                return CentralDifferences.weightedSum(result, cotangent);
            });
        }
    }

    @Test
    void worksThroughBlocksOfRowsInPlace() {
        int rows = 3;
        int width = 400_000; // a block of 2^19 numbers holds one row
        try (Memory memory = new Memory(DataType.FLOAT)) {
            INDArray x = TestArrays.blank(DataType.FLOAT, rows, width);
            x.assign(1);
            INDArray gradient = TestArrays.blank(DataType.FLOAT, rows, width);
            gradient.assign(2);

            Gelu.gradient(memory, x, gradient);
            Gelu.apply(memory, x, x);
            memory.reset();

            double slope = 0.8413447460685429 + 0.24197072451914334; // P(1) + p(1)
            assertThat(x.minNumber().doubleValue()).isCloseTo(0.8413447, within(1e-6));
            assertThat(x.maxNumber().doubleValue()).isCloseTo(0.8413447, within(1e-6));
            assertThat(gradient.minNumber().doubleValue()).isCloseTo(2 * slope, within(2e-6));
            assertThat(gradient.maxNumber().doubleValue()).isCloseTo(2 * slope, within(2e-6));
            assertThat(memory.scratch().bytes()).isEqualTo(2L * width * Float.BYTES);
        }
    }

    private static double[] apply(DataType type, double[] points) {
        try (Memory memory = new Memory(type)) {
            INDArray x = TestArrays.of(type, points, 1, points.length);
            INDArray result = TestArrays.blank(type, 1, points.length);
            double[] before = numbers(x);
            Gelu.apply(memory, x, result);
            assertThat(numbers(x)).isEqualTo(before);
            return numbers(result);
        }
    }

    private static double[] gradient(DataType type, double[] points) {
        try (Memory memory = new Memory(type)) {
            INDArray gradient = TestArrays.blank(type, 1, points.length);
            TestArrays.fill(gradient, 1);
            Gelu.gradient(memory, TestArrays.of(type, points, 1, points.length), gradient);
            return numbers(gradient);
        }
    }
}
