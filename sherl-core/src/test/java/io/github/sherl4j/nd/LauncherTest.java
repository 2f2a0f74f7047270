package io.github.sherl4j.nd;

import static io.github.sherl4j.TestArrays.numbers;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.sherl4j.NativeBytes;
import io.github.sherl4j.TestArrays;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class LauncherTest {
    private static final long[] NO_INTEGERS = {};
    private static final double[] NO_REALS = {};

    @Test
    void aWarmRoundMakesNoNativeObjects() {
        try (Memory memory = new Memory(DataType.FLOAT)) {
            INDArray x = TestArrays.normal(DataType.FLOAT, 1, 6, 4);
            INDArray weight = TestArrays.normal(DataType.FLOAT, 2, 4, 4);
            for (int round = 0; round < 2; round++) {
                round(memory, x, weight);
            }
            assertThat(NativeBytes.created(() -> round(memory, x, weight))).isZero();
            assertThat(NativeBytes.created(() -> Nd4j.create(DataType.FLOAT, 3).close()))
                    .as("the count itself")
                    .isPositive();
        }
    }

    private static void round(Memory memory, INDArray x, INDArray weight) {
        memory.reset();
        Ops ops = memory.ops();
        INDArray kept = memory.step().array(6, 4);
        Arena.Scope scope = memory.scratch().scope();
        INDArray product = memory.scratch().array(6, 4);
        ops.product(memory.slices(x, 1, 5), weight, memory.slices(product, 1, 5), false, true, 0.5, 0);
        ops.copy(x, product);
        ops.softmax(product, kept);
        Gelu.apply(memory, kept, product);
        Normalization.standardize(
                memory, product, 1e-5, product, memory.scratch().array(6, 1));
        ops.tanh(product, product);
        ops.sumColumns(product, memory.scratch().array(4, 1), 0);
        ops.maximumRows(product, memory.scratch().array(6, 1));
        ops.log(kept, product);
        ops.sqrt(kept, product);
        ops.zero(product);
        memory.rng().reseed(3);
        memory.rng().bernoulli(product, 0.5);
        scope.close();
    }

    @Test
    void theSameOperationOnOtherArraysIsAnother() {
        Launcher launcher = new Launcher();
        INDArray result = TestArrays.blank(DataType.FLOAT, 2);
        for (double number = 1; number < 4; number++) {
            launcher.reset();
            INDArray x = TestArrays.of(DataType.FLOAT, new double[] {number, 2 * number}, 2);
            launcher.launch("add", NO_INTEGERS, NO_REALS, x, x, result);
            assertThat(numbers(result)).containsExactly(2 * number, 4 * number);
        }
        INDArray longer = TestArrays.of(DataType.FLOAT, new double[] {1, 2, 3}, 3);
        launcher.reset();
        launcher.launch("add", NO_INTEGERS, NO_REALS, longer, longer, longer);
        assertThat(numbers(longer)).containsExactly(2, 4, 6);
    }

    @Test
    void otherOperationsOrArgumentsAtTheSamePlaceAreOthers() {
        Launcher launcher = new Launcher();
        INDArray x = TestArrays.of(DataType.DOUBLE, new double[] {1, 2, 3, 4}, 2, 2);
        INDArray result = TestArrays.blank(DataType.DOUBLE, 2, 2);
        for (int round = 0; round < 2; round++) {
            launcher.reset();
            launcher.launch("multiply", NO_INTEGERS, NO_REALS, x, x, result);
            assertThat(numbers(result)).containsExactly(1, 4, 9, 16);
            launcher.reset();
            launcher.launch("matmul", new long[] {0, 0, 0}, new double[] {1, 0}, x, x, result);
            assertThat(numbers(result)).containsExactly(7, 10, 15, 22);
            launcher.reset();
            launcher.launch("matmul", new long[] {1, 0, 0}, new double[] {1, 0}, x, x, result);
            assertThat(numbers(result)).containsExactly(10, 14, 14, 20);
            launcher.reset();
            launcher.launch("matmul", new long[] {1, 0, 0}, new double[] {0.5, 0}, x, x, result);
            assertThat(numbers(result)).containsExactly(5, 7, 7, 10);
        }
    }
}
