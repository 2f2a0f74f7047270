package io.github.sherl4j.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.sherl4j.TestArrays;
import io.github.sherl4j.nd.Memory;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class FeedForwardTest {
    private final Memory memory = new Memory(DataType.DOUBLE);

    @AfterEach
    void free() {
        memory.close();
    }

    @Test
    void activatesBetweenTheProjections() {
        Linear inner = new Linear(weight("inner", new double[] {1, -1}, 2, 1), null);
        Linear outer = new Linear(
                weight("outer", new double[] {1, 10}, 1, 2),
                Parameter.unregularized("b", TestArrays.of(DataType.DOUBLE, new double[] {100}, 1)));
        INDArray result = TestArrays.blank(DataType.DOUBLE, 1, 1);

        new FeedForward(inner, outer)
                .infer(TestArrays.of(DataType.DOUBLE, new double[] {1}, 1, 1), Context.of(memory), result);

        double positive = 0.8413447460685429; // gelu(1) = P(1)
        double negative = -0.15865525393145705; // gelu(-1) = -P(-1)
        assertThat(result.getDouble(0)).isCloseTo(positive + 10 * negative + 100, within(1e-13));
    }

    @Test
    void whereOneWeightLearnsOnlyWhatItNeedsIsKept() {
        FeedForward layer = LayerCase.feedForward(DataType.DOUBLE);
        INDArray input = TestArrays.normal(DataType.DOUBLE, 1, 5, LayerCase.WIDTH);
        long hiddenBytes = 5L * LayerCase.HIDDEN * Double.BYTES;
        Parameter outerWeight = layer.parameters().get(2);

        try (ParameterGroups groups = new ParameterGroups(List.of(outerWeight))) {
            assertThat(kept(layer, input)).isEqualTo(2 * hiddenBytes);
            assertThat(groups.count()).isEqualTo(outerWeight.value().length());
        }
        FeedForward other = LayerCase.feedForward(DataType.DOUBLE);
        Parameter innerWeight = other.parameters().get(0);
        try (ParameterGroups groups = new ParameterGroups(List.of(innerWeight))) {
            assertThat(kept(other, input)).isEqualTo(hiddenBytes + input.length() * Double.BYTES);
            assertThat(groups.count()).isEqualTo(innerWeight.value().length());
        }
    }

    private long kept(FeedForward layer, INDArray input) {
        memory.reset();
        LayerStep step = layer.forward(input, Context.of(memory), TestArrays.blank(DataType.DOUBLE, input.shape()));
        step.backward(TestArrays.normal(DataType.DOUBLE, 2, input.shape()));
        return step.keptBytes();
    }

    private static Parameter weight(String name, double[] numbers, long... shape) {
        return Parameter.weight(name, TestArrays.of(DataType.DOUBLE, numbers, shape));
    }
}
