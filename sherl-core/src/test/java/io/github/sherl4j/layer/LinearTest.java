package io.github.sherl4j.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sherl4j.TestArrays;
import io.github.sherl4j.nd.Memory;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class LinearTest {
    private static final double[] INPUT = {1, 2, 3, 4, 5, 6};
    private static final double[] GRADIENT = {1, 0, 0, 1, 0, 2, 1, 0};

    private final Memory memory = new Memory(DataType.DOUBLE);
    private final Parameter weight =
            Parameter.weight("w", array(new double[] {1, 0, 0, 0, 1, 0, 1, 1, 1, 2, 0, -1}, 4, 3));
    private final Parameter bias = Parameter.unregularized("b", array(new double[] {0.5, -1, 0, 10}, 4));

    @AfterEach
    void free() {
        memory.close();
    }

    @Test
    void multipliesByTheTransposedWeightAndAddsTheBias() {
        INDArray result = TestArrays.blank(DataType.DOUBLE, 2, 4);

        new Linear(weight, bias).infer(array(INPUT, 2, 3), Context.of(memory), result);
        assertThat(TestArrays.numbers(result)).containsExactly(1.5, 1, 6, 9, 4.5, 4, 15, 12);

        new Linear(weight, null).infer(array(INPUT, 2, 3), Context.of(memory), result);
        assertThat(TestArrays.numbers(result)).containsExactly(1, 2, 6, -1, 4, 5, 15, 2);
    }

    @Test
    void gradientsWorkedByHand() {
        Linear linear = new Linear(weight, bias);
        try (ParameterGroups groups = new ParameterGroups(linear.parameters())) {
            INDArray input = array(INPUT, 2, 3);
            LayerStep step = linear.forward(input, Context.of(memory), TestArrays.blank(DataType.DOUBLE, 2, 4));

            INDArray gradInput = step.backward(array(GRADIENT, 2, 4));

            assertThat(TestArrays.numbers(gradInput)).containsExactly(3, 0, -1, 1, 3, 1);
            assertThat(TestArrays.numbers(weight.gradient())).containsExactly(1, 2, 3, 8, 10, 12, 4, 5, 6, 1, 2, 3);
            assertThat(TestArrays.numbers(bias.gradient())).containsExactly(1, 2, 1, 1);
            assertThat(groups.count()).isEqualTo(16);
        }
    }

    @Test
    void aTrainableBiasOfAFrozenWeightNeedsNoInput() {
        try (ParameterGroups groups = new ParameterGroups(List.of(bias))) {
            Linear linear = new Linear(weight, bias);
            INDArray input = array(INPUT, 2, 3);
            LayerStep step = linear.forward(input, Context.of(memory), TestArrays.blank(DataType.DOUBLE, 2, 4));

            step.backward(array(GRADIENT, 2, 4));

            assertThat(step.keptBytes()).isZero();
            assertThat(groups.count()).isEqualTo(4);
            assertThat(TestArrays.numbers(bias.gradient())).containsExactly(1, 2, 1, 1);
        }
    }

    @Test
    void aFrozenWeightIgnoresTheInputAndATrainableOneDemandsIt() {
        Linear linear = new Linear(weight, null);
        linear.addGradients(memory, array(INPUT, 2, 3), array(GRADIENT, 2, 4));
        assertThat(weight.trainable()).isFalse();

        try (ParameterGroups groups = new ParameterGroups(linear.parameters())) {
            assertThatThrownBy(() -> linear.addGradients(memory, null, array(GRADIENT, 2, 4)))
                    .isInstanceOf(NullPointerException.class)
                    .hasMessageContaining("input");
            assertThat(groups.groups()).hasSize(1);
        }
    }

    @Test
    void addsToTheInputsGradientIfAsked() {
        INDArray gradInput = array(new double[] {1, 1, 1, 1, 1, 1}, 2, 3);

        new Linear(weight, bias).inputGradient(memory, array(GRADIENT, 2, 4), gradInput, 1);

        assertThat(TestArrays.numbers(gradInput)).containsExactly(4, 1, 0, 2, 4, 2);
    }

    @Test
    void refusesOtherShapes() {
        Linear linear = new Linear(weight, bias);
        INDArray result = TestArrays.blank(DataType.DOUBLE, 2, 4);

        assertThat(linear.outputShape(7, 5, 3)).containsExactly(7, 5, 4);
        assertThatThrownBy(() -> linear.infer(array(INPUT, 3, 2), Context.of(memory), result))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("input of w must be [..., 3], but has shape [3, 2]");
        assertThatThrownBy(() -> new Linear(weight, Parameter.unregularized("b", array(new double[3], 3))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("b must have shape [4], but has [3]");
        assertThatThrownBy(() -> new Linear(bias, null))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("b must have shape [*, *], but has [4]");
    }

    private static INDArray array(double[] numbers, long... shape) {
        return TestArrays.of(DataType.DOUBLE, numbers, shape);
    }
}
