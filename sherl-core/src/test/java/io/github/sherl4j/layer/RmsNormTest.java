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

class RmsNormTest {
    private static Parameter scale(double... scale) {
        return Parameter.unregularized("scale", TestArrays.of(DataType.DOUBLE, scale, scale.length));
    }

    @Test
    void dividesByTheRootMeanSquareAndScales() {
        try (Memory memory = new Memory(DataType.DOUBLE)) {
            INDArray input = TestArrays.of(DataType.DOUBLE, new double[] {3, 4, 0, 0}, 2, 2);
            // sqrt((9 + 16) / 2 + 12) = sqrt(24.5)
            new RmsNorm(scale(1, 10), 12).infer(input, Context.of(memory), input);
            assertThat(numbers(input))
                    .containsExactly(new double[] {3 / Math.sqrt(24.5), 40 / Math.sqrt(24.5), 0, 0}, within(1e-14));
        }
    }

    @Test
    void theMeanStaysWhereItIs() {
        try (Memory memory = new Memory(DataType.DOUBLE)) {
            INDArray input = TestArrays.of(DataType.DOUBLE, new double[] {5, 5, 5}, 1, 3);
            INDArray result = TestArrays.blank(DataType.DOUBLE, 1, 3);
            new RmsNorm(scale(1, 1, 1), 1e-12).infer(input, Context.of(memory), result);
            assertThat(numbers(result)).containsExactly(new double[] {1, 1, 1}, within(1e-12));
        }
    }

    @Test
    void complainsAboutWidthAndEps() {
        try (Memory memory = new Memory(DataType.DOUBLE)) {
            INDArray input = TestArrays.blank(DataType.DOUBLE, 1, 3);
            assertThatThrownBy(() -> new RmsNorm(scale(1, 1), 1).infer(input, Context.of(memory), input))
                    .hasMessage("input of scale must be [..., 2], but has shape [1, 3]");
            assertThatThrownBy(() -> new RmsNorm(scale(1), 0)).hasMessage("eps must be positive, but is 0.0");
        }
    }
}
