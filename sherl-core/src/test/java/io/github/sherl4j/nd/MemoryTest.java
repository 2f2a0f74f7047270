package io.github.sherl4j.nd;

import static io.github.sherl4j.TestArrays.numbers;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.sherl4j.NativeBytes;
import io.github.sherl4j.TestArrays;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class MemoryTest {
    @Test
    void holdsBothArenasAndFreesAll() throws InterruptedException {
        long before = NativeBytes.settled();
        Memory memory = new Memory(DataType.DOUBLE);
        for (int round = 0; round < 3; round++) {
            memory.reset();
            memory.step().array(8);
            Arena.Scope scope = memory.scratch().scope();
            INDArray array = memory.scratch().array(4, 4);
            memory.ops().zero(array);
            memory.ops().add(array, 3, array);
            memory.ops().sumRows(array, memory.scratch().array(4, 1));
            scope.close();
        }
        assertThat(memory.type()).isEqualTo(DataType.DOUBLE);
        assertThat(memory.step().bytes()).isEqualTo(64);
        assertThat(memory.scratch().bytes()).isEqualTo(128 + 64);
        assertThat(memory.bytes()).isEqualTo(64 + 128 + 64);
        assertThat(MemoryMeter.nativeBytes() - before).isGreaterThanOrEqualTo(memory.bytes());

        memory.close();

        assertThat(memory.bytes()).isZero();
        assertThat(NativeBytes.settled()).isEqualTo(before);
    }

    @Test
    void showsArraysInOtherShapes() {
        try (Memory memory = new Memory(DataType.DOUBLE)) {
            INDArray states = TestArrays.normal(DataType.DOUBLE, 1, 2, 3, 4);
            INDArray rows = TestArrays.normal(DataType.DOUBLE, 1, 6, 4);

            assertThat(memory.rows(states).shape()).containsExactly(6, 4);
            assertThat(memory.rows(rows)).isSameAs(rows);
            assertThat(numbers(memory.rows(states))).isEqualTo(numbers(rows));
            assertThat(memory.reshape(states, 3, 8).shape()).containsExactly(3, 8);
            assertThat(memory.heads(states, 2, 3, 2).shape()).containsExactly(2, 2, 3, 2);
            assertThat(memory.swapFirstTwo(states).shape()).containsExactly(3, 2, 4);
            assertThat(memory.slices(states, 1, 2).shape()).containsExactly(1, 3, 4);
            assertThat(memory.firstToken(states).shape()).containsExactly(2, 4);
        }
    }
}
