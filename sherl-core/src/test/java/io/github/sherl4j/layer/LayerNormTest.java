package io.github.sherl4j.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.sherl4j.TestArrays;
import io.github.sherl4j.nd.Memory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class LayerNormTest {
    private final Memory memory = new Memory(DataType.DOUBLE);

    @AfterEach
    void free() {
        memory.close();
    }

    @Test
    void standardizesScalesAndShifts() {
        LayerNorm norm = new LayerNorm(parameter("scale", 2, 10), parameter("shift", 1, -1), 2.25);
        // means 2 and 7; variances 4 and 0, with eps the squares of 2.5 and 1.5
        INDArray input = TestArrays.of(DataType.DOUBLE, new double[] {0, 4, 7, 7}, 2, 2);
        INDArray result = TestArrays.blank(DataType.DOUBLE, 2, 2);

        norm.infer(input, Context.of(memory), result);

        assertThat(TestArrays.numbers(result)).containsExactly(new double[] {-0.6, 7, 1, -1}, within(1e-14));
    }

    @Test
    void infersInPlace() {
        LayerNorm norm = LayerCase.norm(DataType.DOUBLE, "n");
        INDArray input = TestArrays.normal(DataType.DOUBLE, 1, 3, 4);
        INDArray result = TestArrays.blank(DataType.DOUBLE, 3, 4);
        norm.infer(input, Context.of(memory), result);

        norm.infer(input, Context.of(memory), input);

        assertThat(TestArrays.numbers(input)).isEqualTo(TestArrays.numbers(result));
    }

    @Test
    void refusesOtherShapesAndEps() {
        LayerNorm norm = new LayerNorm(parameter("scale", 2, 10), parameter("shift", 1, -1), 1e-5);
        INDArray input = TestArrays.blank(DataType.DOUBLE, 2, 3);

        assertThatThrownBy(() -> norm.infer(input, Context.of(memory), input))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("input of scale must be [..., 2], but has shape [2, 3]");
        assertThatThrownBy(() -> new LayerNorm(parameter("scale", 2, 10), parameter("shift", 1), 1e-5))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("shift must have shape [2], but has [1]");
        assertThatThrownBy(() -> new LayerNorm(parameter("scale", 2, 10), parameter("shift", 1, -1), 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("eps must be positive, but is 0.0");
    }

    private static Parameter parameter(String name, double... numbers) {
        return Parameter.unregularized(name, TestArrays.of(DataType.DOUBLE, numbers, numbers.length));
    }
}
