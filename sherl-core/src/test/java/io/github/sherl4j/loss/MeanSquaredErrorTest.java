package io.github.sherl4j.loss;

import static io.github.sherl4j.TestArrays.numbers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sherl4j.CentralDifferences;
import io.github.sherl4j.TestArrays;
import io.github.sherl4j.nd.Memory;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class MeanSquaredErrorTest {
    @Test
    void workedByHand() {
        try (Memory memory = new Memory(DataType.DOUBLE)) {
            INDArray predictions = TestArrays.of(DataType.DOUBLE, new double[] {1, 2, -1, 5}, 4, 1);
            INDArray targets = TestArrays.of(DataType.DOUBLE, new double[] {1, 0, 1, 4}, 4, 1);

            MeanSquaredError.Result result = MeanSquaredError.of(memory, predictions, targets, 0.5);

            assertThat(result.value()).isEqualTo(9 / 4.0);
            assertThat(numbers(result.gradient())).containsExactly(0, 0.5, -0.5, 0.25);
            assertThat(result.gradient().shape()).containsExactly(4, 1);
            assertThat(numbers(predictions)).containsExactly(1, 2, -1, 5);
            assertThat(numbers(targets)).containsExactly(1, 0, 1, 4);
        }
    }

    @Test
    void gradientIsThatOfCentralDifferences() {
        try (Memory memory = new Memory(DataType.DOUBLE)) {
            INDArray predictions = TestArrays.normal(DataType.DOUBLE, 1, 3, 2);
            INDArray targets = TestArrays.normal(DataType.DOUBLE, 2, 3, 2);
            INDArray gradient = MeanSquaredError.of(memory, predictions, targets, 1)
                    .gradient()
                    .dup('c');

            CentralDifferences.check(
                    "predictions",
                    predictions,
                    gradient,
                    () -> MeanSquaredError.of(memory, predictions, targets, 1).value());
        }
    }

    @Test
    void refusesTargetsOfAnotherShape() {
        try (Memory memory = new Memory(DataType.FLOAT)) {
            INDArray predictions = TestArrays.blank(DataType.FLOAT, 2, 1);
            INDArray targets = TestArrays.blank(DataType.FLOAT, 2);

            assertThatThrownBy(() -> MeanSquaredError.of(memory, predictions, targets, 1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("targets must have shape [2, 1], but has [2]");
        }
    }
}
