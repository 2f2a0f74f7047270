package io.github.sherl4j.head;

import static io.github.sherl4j.TestArrays.numbers;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.sherl4j.CentralDifferences;
import io.github.sherl4j.TestArrays;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.layer.ParameterGroups;
import io.github.sherl4j.loss.MeanSquaredError;
import io.github.sherl4j.nd.Memory;
import java.util.OptionalLong;
import java.util.function.DoubleSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class RegressionHeadTest {
    @ParameterizedTest
    @EnumSource(Pooling.class)
    void gradientsOfTheSquaredErrorAreThoseOfCentralDifferences(Pooling pooling) {
        try (Memory memory = new Memory(DataType.DOUBLE);
                RegressionHead head = new RegressionHead(pooling, 4, DataType.DOUBLE, 1);
                ParameterGroups groups = new ParameterGroups(head.parameters())) {
            INDArray states = TestArrays.normal(DataType.DOUBLE, 1, 2, 3, 4);
            INDArray predictions = TestArrays.blank(DataType.DOUBLE, 2, 1);
            INDArray targets = TestArrays.normal(DataType.DOUBLE, 2, 2, 1);
            Context context = new Context(memory, GeneralizedPoolingTest.mask(3, 3, 2), null, OptionalLong.empty());
            DoubleSupplier loss = () -> {
                memory.reset();
                head.infer(states, context, predictions);
                return MeanSquaredError.of(memory, predictions, targets, 1).value();
            };

            Head.HeadStep step = head.forward(states, context, predictions);
            double[] forward = numbers(predictions);
            INDArray gradPredictions =
                    MeanSquaredError.of(memory, predictions, targets, 1).gradient();
            INDArray gradStates = step.backward(gradPredictions).dup('c');

            assertThat(step.keptBytes()).isEqualTo(2 * 4 * Double.BYTES);
            CentralDifferences.check("states", states, gradStates, loss);
            for (Parameter parameter : head.parameters()) {
                CentralDifferences.check(parameter.name(), parameter.value(), parameter.gradient(), loss);
            }
            head.infer(states, context, predictions);
            assertThat(numbers(predictions)).isEqualTo(forward);
            assertThat(groups.count()).isEqualTo(5);
        }
    }

    @Test
    void namesAndFreesItsParameters() {
        RegressionHead head = new RegressionHead(Pooling.MEAN, 4, DataType.FLOAT, 1);
        assertThat(head.pooling()).isEqualTo(Pooling.MEAN);
        assertThat(head.outputWidth()).isEqualTo(1);
        assertThat(head.parameters())
                .extracting(Parameter::name)
                .containsExactly("head.linear.weight", "head.linear.bias");
        head.close();
        assertThat(head.parameters()).allMatch(parameter -> parameter.value().wasClosed());
    }
}
