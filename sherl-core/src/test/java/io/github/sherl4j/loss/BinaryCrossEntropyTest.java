package io.github.sherl4j.loss;

import static io.github.sherl4j.TestArrays.numbers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.sherl4j.CentralDifferences;
import io.github.sherl4j.TestArrays;
import io.github.sherl4j.loss.BinaryCrossEntropy.Classes;
import io.github.sherl4j.nd.Memory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class BinaryCrossEntropyTest {
    @ParameterizedTest
    @EnumSource(
            value = DataType.class,
            names = {"FLOAT", "DOUBLE"})
    void equalsTheDefinition(DataType type) {
        double tolerance = type == DataType.DOUBLE ? 1e-14 : 2e-6;
        try (Memory memory = new Memory(type)) {
            INDArray logits = TestArrays.normal(type, 1, 4, 3);
            INDArray targets = soft(type);
            double[] x = numbers(logits);
            double[] t = numbers(targets);
            double sum = 0;
            double[] gradient = new double[x.length];
            for (int i = 0; i < x.length; i++) {
                double p = 1 / (1 + Math.exp(-x[i]));
                sum -= t[i] * Math.log(p) + (1 - t[i]) * Math.log(1 - p);
                gradient[i] = p - t[i];
            }

            BinaryCrossEntropy.Result added = BinaryCrossEntropy.of(memory, logits, targets, Classes.SUM, 0.5);
            assertThat(added.value()).isCloseTo(sum / 4, within(tolerance));
            assertThat(numbers(added.gradient()))
                    .containsExactly(TestArrays.each(gradient, g -> 0.5 * g / 4), within(tolerance));

            BinaryCrossEntropy.Result averaged = BinaryCrossEntropy.of(memory, logits, targets, Classes.MEAN, 0.5);
            assertThat(averaged.value()).isCloseTo(sum / 12, within(tolerance));
            assertThat(numbers(averaged.gradient()))
                    .containsExactly(TestArrays.each(gradient, g -> 0.5 * g / 12), within(tolerance));
            assertThat(numbers(logits)).isEqualTo(x);
            assertThat(numbers(targets)).isEqualTo(t);
        }
    }

    @ParameterizedTest
    @EnumSource(Classes.class)
    void gradientIsThatOfCentralDifferences(Classes classes) {
        try (Memory memory = new Memory(DataType.DOUBLE)) {
            INDArray logits = TestArrays.normal(DataType.DOUBLE, 1, 4, 3);
            INDArray targets = soft(DataType.DOUBLE);
            INDArray gradient = BinaryCrossEntropy.of(memory, logits, targets, classes, 1)
                    .gradient()
                    .dup('c');

            CentralDifferences.check(
                    "logits",
                    logits,
                    gradient,
                    () -> BinaryCrossEntropy.of(memory, logits, targets, classes, 1)
                            .value());
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = DataType.class,
            names = {"FLOAT", "DOUBLE"})
    void isFiniteAndExactForLargeLogits(DataType type) {
        try (Memory memory = new Memory(type)) {
            INDArray logits = TestArrays.of(type, new double[] {5000, -5000, 5000, -5000, -30}, 1, 5);
            INDArray targets = TestArrays.of(type, new double[] {0, 1, 1, 0, 0}, 1, 5);

            BinaryCrossEntropy.Result wrong = BinaryCrossEntropy.of(memory, logits, targets, Classes.SUM, 1);
            assertThat(wrong.value()).isCloseTo(10000, within(1e-3));
            assertThat(numbers(wrong.gradient())).containsExactly(new double[] {1, -1, 0, 0, 0}, within(1e-12));

            INDArray sure = TestArrays.of(type, new double[] {-30}, 1, 1);
            INDArray zero = TestArrays.of(type, new double[] {0}, 1, 1);
            double value =
                    BinaryCrossEntropy.of(memory, sure, zero, Classes.SUM, 1).value();
            assertThat(value / Math.exp(-30)).isCloseTo(1, within(1e-5));
        }
    }

    @Test
    void refusesTargetsOfAnotherShape() {
        try (Memory memory = new Memory(DataType.DOUBLE)) {
            INDArray logits = TestArrays.blank(DataType.DOUBLE, 2, 3);
            INDArray targets = TestArrays.blank(DataType.DOUBLE, 3, 2);

            assertThatThrownBy(() -> BinaryCrossEntropy.of(memory, logits, targets, Classes.MEAN, 1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("targets must have shape [2, 3], but has [3, 2]");
            INDArray vector = TestArrays.blank(DataType.DOUBLE, 3);
            assertThatThrownBy(() -> BinaryCrossEntropy.of(memory, vector, vector, Classes.MEAN, 1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("logits must have shape [*, *], but has [3]");
        }
    }

    private static INDArray soft(DataType type) {
        return TestArrays.of(type, new double[] {0, 1, 0.3, 0.6, 1, 0, 0.9, 0.5, 0, 1, 1, 0.25}, 4, 3);
    }
}
