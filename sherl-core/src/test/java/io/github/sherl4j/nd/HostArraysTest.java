package io.github.sherl4j.nd;

import static io.github.sherl4j.TestArrays.numbers;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.sherl4j.NativeBytes;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class HostArraysTest {
    @Test
    void everyRequestOfARoundHasItsOwnMemory() {
        try (Memory memory = new Memory(DataType.FLOAT)) {
            for (int round = 0; round < 3; round++) {
                memory.reset();
                INDArray one = memory.ops().number(round);
                INDArray matrix = matrix(memory, 2, 3);
                INDArray other = memory.ops().number(-round);

                assertThat(numbers(one)).containsExactly(round);
                assertThat(numbers(matrix)).containsExactly(0, 1, 2, 3, 4, 5);
                assertThat(numbers(other)).containsExactly(-round);
                assertThat(matrix.shape()).containsExactly(2, 3);
            }
        }
    }

    @Test
    void growsToTheLongestAndIsFlatFromThenOn() throws InterruptedException {
        long before = NativeBytes.settled();
        try (Memory memory = new Memory(DataType.DOUBLE)) {
            for (int rows : new int[] {2, 5, 3}) {
                memory.reset();
                INDArray matrix = matrix(memory, rows, 2);
                assertThat(numbers(matrix)).hasSize(rows * 2).endsWith(rows * 2 - 1);
                assertThat(memory.bytes()).isEqualTo(Math.max(rows, rows == 2 ? 2 : 5) * 2L * Double.BYTES);
            }
            memory.reset();
            INDArray last = matrix(memory, 3, 2);
            memory.reset();
            assertThat(NativeBytes.created(() -> matrix(memory, 3, 2))).isZero();
            memory.reset();
            assertThat(memory.hostArray(3, 2)).isSameAs(last);
        }
        assertThat(NativeBytes.settled()).isEqualTo(before);
    }

    private static INDArray matrix(Memory memory, int rows, int columns) {
        INDArray matrix = memory.hostArray(rows, columns);
        for (int i = 0; i < rows * columns; i++) {
            matrix.data().put(i, (double) i);
        }
        return matrix;
    }
}
