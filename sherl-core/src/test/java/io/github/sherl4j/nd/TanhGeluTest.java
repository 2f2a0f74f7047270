package io.github.sherl4j.nd;

import static io.github.sherl4j.TestArrays.numbers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.sherl4j.CentralDifferences;
import io.github.sherl4j.TestArrays;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class TanhGeluTest {
    private static final double[] POINTS = {-3, -1, -0.5, 0, 0.1, 0.5, 1, 2, 10, -10, 1000, -1000};

    @Test
    void equalsItsFormula() {
        double[] expected = TestArrays.each(POINTS, TanhGeluTest::formula);
        assertThat(apply(DataType.DOUBLE)).containsExactly(expected, within(1e-15));
        assertThat(apply(DataType.FLOAT)).containsExactly(expected, within(1e-6));
    }

    @Test
    void gradientIsThatOfCentralDifferences() {
        try (Memory memory = new Memory(DataType.DOUBLE)) {
            INDArray x = TestArrays.of(DataType.DOUBLE, POINTS, 2, POINTS.length / 2);
            double[] cotangent = TestArrays.normal(POINTS.length, 2);
            INDArray gradient = TestArrays.of(DataType.DOUBLE, cotangent, x.shape());
            INDArray result = TestArrays.blank(DataType.DOUBLE, x.shape());

            TanhGelu.gradient(memory, x, gradient);

            assertThat(numbers(x)).isEqualTo(POINTS);
            CentralDifferences.check("x", x, gradient, () -> {
                TanhGelu.apply(memory, x, result);
                return CentralDifferences.weightedSum(result, cotangent);
            });
        }
    }

    private static double[] apply(DataType type) {
        try (Memory memory = new Memory(type)) {
            INDArray x = TestArrays.of(type, POINTS, 1, POINTS.length);
            INDArray result = TestArrays.blank(type, x.shape());
            TanhGelu.apply(memory, x, result);
            assertThat(numbers(x)).isEqualTo(numbers(TestArrays.of(type, POINTS, 1, POINTS.length)));
            TanhGelu.apply(memory, x, x);
            assertThat(numbers(x)).isEqualTo(numbers(result));
            return numbers(result);
        }
    }

    private static double formula(double x) {
        return 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
    }
}
