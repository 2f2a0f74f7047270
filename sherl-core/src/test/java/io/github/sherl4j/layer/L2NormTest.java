package io.github.sherl4j.layer;

import static io.github.sherl4j.TestArrays.numbers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.sherl4j.TestArrays;
import io.github.sherl4j.nd.Memory;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class L2NormTest {
    @Test
    void workedByHand() {
        try (Memory memory = new Memory(DataType.DOUBLE)) {
            INDArray input = TestArrays.of(DataType.DOUBLE, new double[] {3, 4, -8, 6}, 2, 2);
            INDArray result = TestArrays.blank(DataType.DOUBLE, 2, 2);

            LayerStep step = new L2Norm(5).forward(input, Context.of(memory), result);

            assertThat(numbers(result)).containsExactly(new double[] {0.3, 0.4, -8 / 15.0, 6 / 15.0}, within(1e-15));
            // d y_0 / d x = ((10 - 9 / 5), -12 / 5) / 100, for length 5 and divisor 10
            INDArray gradOutput = TestArrays.of(DataType.DOUBLE, new double[] {1, 0, 0, 0}, 2, 2);
            assertThat(numbers(step.backward(gradOutput)))
                    .containsExactly(new double[] {0.082, -0.024, 0, 0}, within(1e-15));
        }
    }

    @Test
    void aRowOfZerosStaysOneAndHasAFiniteGradient() {
        try (Memory memory = new Memory(DataType.FLOAT)) {
            INDArray rows = TestArrays.of(DataType.FLOAT, new double[2], 1, 2);

            LayerStep step = new L2Norm(0.5).forward(rows, Context.of(memory), rows);

            assertThat(numbers(rows)).containsExactly(0, 0);
            INDArray gradOutput = TestArrays.of(DataType.FLOAT, new double[] {1, -3}, 1, 2);
            assertThat(numbers(step.backward(gradOutput))).containsExactly(2, -6);
        }
    }

    @Test
    void mayOverwriteItsInput() {
        try (Memory memory = new Memory(DataType.DOUBLE)) {
            INDArray rows = TestArrays.normal(DataType.DOUBLE, 1, 3, 4);
            INDArray apart = TestArrays.blank(DataType.DOUBLE, 3, 4);
            L2Norm norm = new L2Norm(1e-8);
            norm.infer(rows, Context.of(memory), apart);

            norm.infer(rows, Context.of(memory), rows);

            assertThat(numbers(rows)).isEqualTo(numbers(apart));
        }
    }

    @Test
    void refusesAnEpsOfZero() {
        assertThatThrownBy(() -> new L2Norm(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("eps must be positive, but is 0.0");
    }
}
