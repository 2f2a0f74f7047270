package io.github.sherl4j.head;

import static io.github.sherl4j.TestArrays.numbers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.sherl4j.TestArrays;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.nd.Memory;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class PoolingTest {
    private final Memory memory = new Memory(DataType.DOUBLE);
    private final INDArray states =
            TestArrays.of(DataType.DOUBLE, new double[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, 2, 3, 2);
    private final INDArray mask = TestArrays.of(DataType.DOUBLE, new double[] {1, 1, 0, 1, 1, 1}, 2, 3);

    @AfterEach
    void free() {
        memory.close();
    }

    @Test
    void clsTakesTheFirstToken() {
        assertThat(pooled(Pooling.CLS, mask)).containsExactly(1, 2, 7, 8);
        assertThat(pooled(Pooling.CLS, null)).containsExactly(1, 2, 7, 8);
        assertThat(spread(Pooling.CLS, mask)).containsExactly(2, 4, 0, 0, 0, 0, 3, 6, 0, 0, 0, 0);
    }

    @Test
    void meanTakesAllTokensThatAreNoPadding() {
        assertThat(pooled(Pooling.MEAN, mask)).containsExactly(new double[] {2, 3, 9, 10}, within(1e-14));
        assertThat(spread(Pooling.MEAN, mask))
                .containsExactly(new double[] {1, 2, 1, 2, 0, 0, 1, 2, 1, 2, 1, 2}, within(1e-14));
    }

    @Test
    void meanWithoutMaskTakesAllTokens() {
        double third = 2 / 3.0;
        assertThat(pooled(Pooling.MEAN, null)).containsExactly(new double[] {3, 4, 9, 10}, within(1e-14));
        assertThat(spread(Pooling.MEAN, null))
                .containsExactly(
                        new double[] {third, 2 * third, third, 2 * third, third, 2 * third, 1, 2, 1, 2, 1, 2},
                        within(1e-14));
    }

    @Test
    void leavesStatesAndMaskAlone() {
        for (Pooling pooling : Pooling.values()) {
            pooled(pooling, mask);
            spread(pooling, mask);
        }
        assertThat(numbers(states)).containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
        assertThat(numbers(mask)).containsExactly(1, 1, 0, 1, 1, 1);
    }

    private double[] pooled(Pooling pooling, @Nullable INDArray ofMask) {
        INDArray result = TestArrays.blank(DataType.DOUBLE, 2, 2);
        pooling.pool(states, new Context(memory, ofMask, null, OptionalLong.empty()), result);
        return numbers(result);
    }

    private double[] spread(Pooling pooling, @Nullable INDArray ofMask) {
        INDArray gradient = TestArrays.of(DataType.DOUBLE, new double[] {2, 4, 3, 6}, 2, 2);
        INDArray result = TestArrays.blank(DataType.DOUBLE, 2, 3, 2);
        pooling.spread(gradient, new Context(memory, ofMask, null, OptionalLong.empty()), result);
        return numbers(result);
    }
}
