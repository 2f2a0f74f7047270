package io.github.sherl4j.loss;

import static io.github.sherl4j.TestArrays.numbers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.sherl4j.CentralDifferences;
import io.github.sherl4j.TestArrays;
import io.github.sherl4j.nd.Memory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class CrossEntropyTest {
    @Test
    void workedByHand() {
        try (Memory memory = new Memory(DataType.DOUBLE)) {
            INDArray logits = array(0, Math.log(3), 0, 0);
            INDArray targets = array(0, 1, 1, 0);

            CrossEntropy.Result result = CrossEntropy.of(memory, logits, targets, 1);

            assertThat(result.value()).isCloseTo((Math.log(4 / 3.0) + Math.log(2)) / 2, within(1e-15));
            assertThat(numbers(result.gradient()))
                    .containsExactly(new double[] {0.125, -0.125, -0.25, 0.25}, within(1e-15));
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = DataType.class,
            names = {"FLOAT", "DOUBLE"})
    void equalsTheDefinitionAndScalesTheGradientAlone(DataType type) {
        double tolerance = type == DataType.DOUBLE ? 1e-14 : 1e-6;
        for (int[] size : new int[][] {{1, 2}, {7, 2}, {5, 11}}) {
            try (Memory memory = new Memory(type)) {
                INDArray logits = TestArrays.normal(type, 1, size[0], size[1]);
                double[] distributions = distributions(size[0], size[1]);
                INDArray targets = TestArrays.of(type, distributions, size[0], size[1]);
                double[] before = numbers(logits);
                double[] gradient = new double[before.length];
                double value = slow(before, distributions, size[1], gradient);
                for (double weight : new double[] {1, 0.25}) {
                    CrossEntropy.Result result = CrossEntropy.of(memory, logits, targets, weight);

                    assertThat(result.value()).isCloseTo(value, within(10 * tolerance));
                    assertThat(numbers(result.gradient()))
                            .containsExactly(TestArrays.each(gradient, g -> weight * g), within(tolerance));
                }
                assertThat(numbers(logits)).isEqualTo(before);
            }
        }
    }

    @Test
    void gradientIsThatOfCentralDifferences() {
        try (Memory memory = new Memory(DataType.DOUBLE)) {
            INDArray logits = TestArrays.normal(DataType.DOUBLE, 1, 4, 3);
            INDArray targets = TestArrays.of(DataType.DOUBLE, distributions(4, 3), 4, 3);
            INDArray gradient =
                    CrossEntropy.of(memory, logits, targets, 1).gradient().dup('c');

            CentralDifferences.check(
                    "logits",
                    logits,
                    gradient,
                    () -> CrossEntropy.of(memory, logits, targets, 1).value());
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = DataType.class,
            names = {"FLOAT", "DOUBLE"})
    void largeLogitsGiveTheirDistanceAsLoss(DataType type) {
        try (Memory memory = new Memory(type)) {
            INDArray logits = TestArrays.of(type, new double[] {0, 3000, 3000, 0, -9000, -9000, -200, -90}, 4, 2);
            INDArray targets = TestArrays.of(type, new double[] {1, 0, 1, 0, 0, 1, 1, 0}, 4, 2);

            CrossEntropy.Result result = CrossEntropy.of(memory, logits, targets, 4);

            assertThat(result.value()).isCloseTo((3000 + 0 + Math.log(2) + 110) / 4, within(1e-4));
            assertThat(numbers(result.gradient()))
                    .containsExactly(new double[] {-1, 1, 0, 0, 0.5, -0.5, -1, 1}, within(1e-6));
        }
    }

    @Test
    void refusesTargetsOfAnotherShape() {
        try (Memory memory = new Memory(DataType.DOUBLE)) {
            INDArray logits = TestArrays.blank(DataType.DOUBLE, 2, 3);
            INDArray targets = TestArrays.blank(DataType.DOUBLE, 3, 2);

            assertThatThrownBy(() -> CrossEntropy.of(memory, logits, targets, 1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("targets must have shape [2, 3], but has [3, 2]");
        }
    }

    private static double[] distributions(int rows, int classes) {
        double[] numbers = TestArrays.each(TestArrays.normal(rows * classes, 2), x -> x * x);
        for (int row = 0; row < rows; row++) {
            double sum = 0;
            for (int i = 0; i < classes; i++) {
                sum += numbers[row * classes + i];
            }
            for (int i = 0; i < classes; i++) {
                numbers[row * classes + i] /= sum;
            }
        }
        return numbers;
    }

    private static double slow(double[] logits, double[] targets, int classes, double[] gradient) {
        int rows = logits.length / classes;
        double value = 0;
        for (int row = 0; row < rows; row++) {
            double sum = 0;
            for (int i = row * classes; i < (row + 1) * classes; i++) {
                sum += Math.exp(logits[i]);
            }
            for (int i = row * classes; i < (row + 1) * classes; i++) {
                double probability = Math.exp(logits[i]) / sum;
                value -= targets[i] * Math.log(probability) / rows;
                gradient[i] = (probability - targets[i]) / rows;
            }
        }
        return value;
    }

    private static INDArray array(double... numbers) {
        return TestArrays.of(DataType.DOUBLE, numbers, numbers.length / 2, 2);
    }
}
