package io.github.sherl4j.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sherl4j.TestArrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class ParameterTest {
    @Test
    void isFrozenAtFirst() {
        INDArray value = TestArrays.normal(DataType.FLOAT, 1, 2, 3);
        Parameter parameter = Parameter.weight("w", value);

        assertThat(parameter.name()).isEqualTo("w");
        assertThat(parameter.value()).isSameAs(value);
        assertThat(parameter.trainable()).isFalse();
        assertThat(parameter.decays()).isTrue();
        assertThat(Parameter.unregularized("b", value).decays()).isFalse();
        assertThatThrownBy(parameter::gradient)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("Parameter w is frozen and has no gradient");
    }

    @Test
    void closingFreesAFrozenValueOnce() {
        INDArray value = TestArrays.normal(DataType.FLOAT, 1, 2, 3);
        Parameter parameter = Parameter.weight("w", value);

        parameter.close();
        parameter.close();

        assertThat(value.wasClosed()).isTrue();
    }

    @Test
    void theValueOfATrainableOneBelongsToItsGroup() {
        Parameter parameter = Parameter.weight("w", TestArrays.normal(DataType.FLOAT, 1, 2, 3));
        try (ParameterGroups groups = new ParameterGroups(List.of(parameter))) {
            parameter.close();

            assertThat(parameter.value().wasClosed()).isFalse();
            assertThat(TestArrays.numbers(parameter.value())).doesNotContain(Double.NaN);
            assertThat(groups.parameters()).containsExactly(parameter);
        }
    }

    @Test
    void refusesIntegers() {
        assertThatThrownBy(() -> Parameter.weight("ids", Nd4j.createFromArray(1, 2)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("ids must be a floating point array, but is INT");
    }
}
