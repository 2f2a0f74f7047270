package io.github.sherl4j.head;

import static io.github.sherl4j.TestArrays.numbers;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.sherl4j.CentralDifferences;
import io.github.sherl4j.TestArrays;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.Linear;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.layer.ParameterGroups;
import io.github.sherl4j.nd.Memory;
import java.util.Arrays;
import java.util.function.DoubleSupplier;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class BoxHeadTest {
    private static final DataType TYPE = DataType.DOUBLE;

    @Test
    void gradientsAreThoseOfCentralDifferences() {
        BoxHead head =
                new BoxHead(linear("class", 4, 6), linear("box0", 4, 4), linear("box1", 4, 4), linear("box2", 4, 4));
        try (Memory memory = new Memory(TYPE);
                ParameterGroups groups = new ParameterGroups(head.parameters())) {
            INDArray states = TestArrays.normal(TYPE, 1, 2, 3, 4);
            INDArray gradLogits = TestArrays.normal(TYPE, 2, 2, 3, 6);
            INDArray gradBoxes = TestArrays.normal(TYPE, 3, 2, 3, 4);
            INDArray logits = TestArrays.blank(TYPE, 2, 3, 6);
            INDArray boxes = TestArrays.blank(TYPE, 2, 3, 4);
            INDArray gradStates = TestArrays.blank(TYPE, 2, 3, 4);
            BoxHead.Kept step = head.forward(states, Context.of(memory), logits, boxes);
            double[] found = numbers(boxes);
            assertThat(Arrays.stream(found).allMatch(number -> number > 0 && number < 1))
                    .isTrue();
            step.backward(gradLogits, gradBoxes.dup(), gradStates);
            DoubleSupplier function = () -> {
                memory.reset();
                head.infer(states, Context.of(memory), logits, boxes);
                return CentralDifferences.weightedSum(logits, numbers(gradLogits))
                        + CentralDifferences.weightedSum(boxes, numbers(gradBoxes));
            };
            assertThat(function.getAsDouble()).isFinite();
            assertThat(numbers(boxes)).isEqualTo(found);
            CentralDifferences.check("states", states, gradStates, function);
            assertThat(groups.parameters()).hasSize(8);
            for (Parameter parameter : groups.parameters()) {
                CentralDifferences.check(parameter.name(), parameter.value(), parameter.gradient(), function);
            }
            assertThat(head.classes()).isEqualTo(6);
        }
    }

    private static Linear linear(String name, long inputs, long outputs) {
        return new Linear(
                Parameter.weight(name + ".weight", TestArrays.normal(TYPE, name.hashCode(), outputs, inputs)),
                Parameter.unregularized(name + ".bias", TestArrays.normal(TYPE, name.hashCode() + 1, outputs)));
    }
}
