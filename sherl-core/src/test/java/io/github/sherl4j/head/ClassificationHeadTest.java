package io.github.sherl4j.head;

import static io.github.sherl4j.TestArrays.numbers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sherl4j.CentralDifferences;
import io.github.sherl4j.TestArrays;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.layer.ParameterGroups;
import io.github.sherl4j.nd.Memory;
import java.util.OptionalLong;
import java.util.function.DoubleSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class ClassificationHeadTest {
    @ParameterizedTest
    @EnumSource(Pooling.class)
    void gradientsAreThoseOfCentralDifferences(Pooling pooling) {
        for (int tokens : new int[] {1, 3}) {
            try (Memory memory = new Memory(DataType.DOUBLE);
                    ClassificationHead head = new ClassificationHead(pooling, 4, 3, DataType.DOUBLE, 1);
                    ParameterGroups groups = new ParameterGroups(head.parameters())) {
                INDArray states = TestArrays.normal(DataType.DOUBLE, 1, 2, tokens, 4);
                INDArray logits = TestArrays.blank(DataType.DOUBLE, 2, 3);
                INDArray mask = TestArrays.blank(DataType.DOUBLE, 2, tokens);
                TestArrays.fill(mask, 1);
                mask.putScalar(new long[] {1, tokens - 1}, tokens == 1 ? 1 : 0);
                Context context = new Context(memory, mask, null, OptionalLong.empty());
                double[] cotangent = TestArrays.normal(6, 2);
                DoubleSupplier loss = () -> {
                    memory.reset();
                    head.forward(states, context, logits);
                    return CentralDifferences.weightedSum(logits, cotangent);
                };
                double[] before = numbers(states);

                ClassificationHead.Kept step = head.forward(states, context, logits);
                double[] forward = numbers(logits);
                INDArray gradient = step.backward(TestArrays.of(DataType.DOUBLE, cotangent, 2, 3))
                        .dup('c');

                assertThat(numbers(states)).isEqualTo(before);
                assertThat(step.keptBytes()).isEqualTo(2 * 4 * Double.BYTES);
                CentralDifferences.check("states", states, gradient, loss);
                for (Parameter parameter : head.parameters()) {
                    CentralDifferences.check(parameter.name(), parameter.value(), parameter.gradient(), loss);
                }
                head.infer(states, context, logits);
                assertThat(numbers(logits)).isEqualTo(forward);
                assertThat(groups.count()).isEqualTo(15);
            }
        }
    }

    @Test
    void theParametersGetTheSameGradientsAlone() {
        try (Memory memory = new Memory(DataType.DOUBLE);
                ClassificationHead head = new ClassificationHead(Pooling.MEAN, 4, 3, DataType.DOUBLE, 1);
                ParameterGroups groups = new ParameterGroups(head.parameters())) {
            INDArray states = TestArrays.normal(DataType.DOUBLE, 1, 2, 3, 4);
            INDArray gradLogits = TestArrays.normal(DataType.DOUBLE, 2, 2, 3);
            INDArray logits = TestArrays.blank(DataType.DOUBLE, 2, 3);
            head.forward(states, Context.of(memory), logits).backward(gradLogits);
            double[] decaying = numbers(groups.groups().get(0).gradients());
            double[] others = numbers(groups.groups().get(1).gradients());

            memory.reset();
            groups.zeroGradients();
            head.forward(states, Context.of(memory), logits).backwardToParameters(gradLogits);

            assertThat(numbers(groups.groups().get(0).gradients())).isEqualTo(decaying);
            assertThat(numbers(groups.groups().get(1).gradients())).isEqualTo(others);
            assertThat(decaying).doesNotContain(0);
        }
    }

    @Test
    void startsBySeed() {
        assertThat(weight(1)).isEqualTo(weight(1)).isNotEqualTo(weight(2));
    }

    @Test
    void namesAndFreesItsParameters() {
        ClassificationHead head = new ClassificationHead(Pooling.CLS, 4, 2, DataType.FLOAT, 1);
        assertThat(head.pooling()).isEqualTo(Pooling.CLS);
        assertThat(head.parameters())
                .extracting(Parameter::name)
                .containsExactly("head.linear.weight", "head.linear.bias");
        head.close();
        assertThat(head.parameters()).allMatch(parameter -> parameter.value().wasClosed());
    }

    @Test
    void refusesOneClass() {
        assertThatThrownBy(() -> new ClassificationHead(Pooling.CLS, 4, 1, DataType.FLOAT, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("classes must be at least 2, but is 1");
    }

    private static double[] weight(long seed) {
        try (ClassificationHead head = new ClassificationHead(Pooling.CLS, 4, 2, DataType.FLOAT, seed)) {
            return numbers(head.parameters().get(0).value());
        }
    }
}
