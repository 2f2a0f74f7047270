package io.github.sherl4j.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sherl4j.NativeBytes;
import io.github.sherl4j.TestArrays;
import io.github.sherl4j.nd.MemoryMeter;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class ParameterGroupsTest {
    private final Parameter matrix = weight("matrix", new double[] {1, 2, 3, 4, 5, 6}, 2, 3);
    private final Parameter cube = weight("cube", new double[] {7, 8}, 1, 2, 1);
    private final Parameter bias = Parameter.unregularized("bias", TestArrays.of(DataType.FLOAT, new double[] {9}, 1));

    @Test
    void valuesMoveIntoFlatVectorsOfWhichTheParametersSeeViews() {
        try (ParameterGroups groups = new ParameterGroups(List.of(matrix, bias, cube))) {
            assertThat(groups.parameters()).containsExactly(matrix, bias, cube);
            assertThat(groups.count()).isEqualTo(9);
            assertThat(groups.groups())
                    .extracting(ParameterGroups.Group::decays)
                    .containsExactly(true, false);
            ParameterGroups.Group decaying = groups.groups().get(0);
            ParameterGroups.Group others = groups.groups().get(1);
            assertThat(decaying.values().shape()).containsExactly(1, 8);
            assertThat(TestArrays.numbers(decaying.values())).containsExactly(1, 2, 3, 4, 5, 6, 7, 8);
            assertThat(TestArrays.numbers(others.values())).containsExactly(9);
            assertThat(TestArrays.numbers(decaying.gradients())).containsOnly(0);

            TestArrays.set(decaying.values(), 5, 60);
            TestArrays.set(others.values(), 0, 90);
            cube.gradient().putScalar(new long[] {0, 1, 0}, 0.5);
            bias.gradient().putScalar(0, 0.25);

            assertThat(matrix.value().shape()).containsExactly(2, 3);
            assertThat(cube.value().shape()).containsExactly(1, 2, 1);
            assertThat(TestArrays.numbers(matrix.value())).containsExactly(1, 2, 3, 4, 5, 60);
            assertThat(TestArrays.numbers(bias.value())).containsExactly(90);
            assertThat(TestArrays.numbers(decaying.gradients())).containsExactly(0, 0, 0, 0, 0, 0, 0, 0.5);
            assertThat(TestArrays.numbers(others.gradients())).containsExactly(0.25);

            groups.zeroGradients();
            assertThat(TestArrays.numbers(decaying.gradients())).containsOnly(0);
            assertThat(TestArrays.numbers(bias.gradient())).containsExactly(0);
        }
    }

    @Test
    void ratesMakeGroupsOfTheirOwn() {
        cube.rateFactor(0.1);
        try (ParameterGroups groups = new ParameterGroups(List.of(matrix, cube, bias))) {
            assertThat(groups.groups())
                    .extracting(ParameterGroups.Group::rateFactor)
                    .containsExactly(1.0, 0.1, 1.0);
            assertThat(groups.groups())
                    .extracting(ParameterGroups.Group::parameters)
                    .containsExactly(List.of(matrix), List.of(cube), List.of(bias));
            assertThat(TestArrays.numbers(groups.groups().get(1).values())).containsExactly(7, 8);
            assertThatThrownBy(() -> cube.rateFactor(1))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("Parameter cube belongs to a group, whose rate is set");
        }
        assertThatThrownBy(() -> matrix.rateFactor(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("rateFactor of matrix must be positive, but is 0.0");
    }

    @Test
    void takesStridedValues() {
        INDArray transposed = TestArrays.of(DataType.FLOAT, new double[] {1, 2, 3, 4, 5, 6}, 2, 3)
                .transpose();
        Parameter parameter = Parameter.weight("t", transposed);
        try (ParameterGroups groups = new ParameterGroups(List.of(parameter))) {
            assertThat(TestArrays.numbers(groups.groups().get(0).values())).containsExactly(1, 4, 2, 5, 3, 6);
            assertThat(TestArrays.numbers(parameter.value())).containsExactly(1, 4, 2, 5, 3, 6);
        }
    }

    @Test
    void holdsValuesAndGradientsAndFreesBoth() throws InterruptedException {
        long before = NativeBytes.settled();
        Parameter large = Parameter.weight("large", TestArrays.normal(DataType.FLOAT, 1, 100, 10));
        ParameterGroups groups = new ParameterGroups(List.of(large));
        long during = MemoryMeter.nativeBytes();
        groups.close();

        assertThat(during - before).isEqualTo(2 * 1000 * Float.BYTES);
        assertThat(MemoryMeter.nativeBytes()).isEqualTo(before);
    }

    @Test
    void refusesWhatCannotBeTrainedTogetherAndChangesNothing() {
        Parameter other = Parameter.unregularized("other", TestArrays.normal(DataType.DOUBLE, 1, 2));
        Parameter again = weight("matrix", new double[] {1}, 1);

        assertThatThrownBy(() -> new ParameterGroups(List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("parameters must not be empty");
        assertThatThrownBy(() -> new ParameterGroups(List.of(matrix, again)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("parameters has the name matrix twice");
        assertThatThrownBy(() -> new ParameterGroups(List.of(matrix, bias, other)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Parameter other must be FLOAT, but is DOUBLE");
        assertThatThrownBy(() -> new ParameterGroups(List.of(matrix, other)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Parameter other must be FLOAT, but is DOUBLE");
        assertThat(List.of(matrix, bias, other, again)).noneMatch(Parameter::trainable);

        try (ParameterGroups groups = new ParameterGroups(List.of(matrix))) {
            assertThatThrownBy(() -> new ParameterGroups(List.of(bias, matrix)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("Parameter matrix is trained by another model already");
            assertThat(bias.trainable()).isFalse();
            assertThat(groups.count()).isEqualTo(6);
        }
    }

    private static Parameter weight(String name, double[] numbers, long... shape) {
        return Parameter.weight(name, TestArrays.of(DataType.FLOAT, numbers, shape));
    }
}
