package io.github.sherl4j.nd;

import static io.github.sherl4j.TestArrays.numbers;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.sherl4j.NativeBytes;
import io.github.sherl4j.TestArrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class NativeArraysTest {
    @ParameterizedTest
    @EnumSource(
            value = DataType.class,
            names = {"FLOAT", "DOUBLE"})
    void fillsScalesAndCopies(DataType type) {
        INDArray array = NativeArrays.filled(type, 0.25, 2, 3);
        assertThat(array.dataType()).isEqualTo(type);
        assertThat(array.shape()).containsExactly(2, 3);
        assertThat(numbers(array)).containsOnly(0.25);

        INDArray other = TestArrays.normal(type, 1, 2, 3);
        NativeArrays.copy(other, array);
        assertThat(numbers(array)).isEqualTo(numbers(other));
        NativeArrays.scale(array, -2);
        assertThat(numbers(array)).isEqualTo(TestArrays.each(numbers(other), x -> -2 * x));
        NativeArrays.fill(array, -1);
        assertThat(numbers(array)).containsOnly(-1);
    }

    @Test
    void copiesBetweenTypesAndIntoViews() {
        INDArray base = NativeArrays.filled(DataType.FLOAT, 0, 3, 2);
        INDArray row = new Views().slices(base, 1, 2);
        NativeArrays.copy(TestArrays.of(DataType.DOUBLE, new double[] {1.5, 2.5}, 1, 2), row);
        assertThat(numbers(base)).containsExactly(0, 0, 1.5, 2.5, 0, 0);
        NativeArrays.fill(row, 7);
        assertThat(numbers(base)).containsExactly(0, 0, 7, 7, 0, 0);
    }

    @Test
    void leavesNothingBehind() throws InterruptedException {
        INDArray other = TestArrays.normal(DataType.FLOAT, 1, 10);
        long before = NativeBytes.settled();
        INDArray array = NativeArrays.filled(DataType.FLOAT, 1, 10);
        for (int i = 0; i < 100; i++) {
            NativeArrays.fill(array, i);
            NativeArrays.copy(other, array);
            NativeArrays.scale(array, 0.5);
        }
        assertThat(MemoryMeter.nativeBytes() - before).isEqualTo(10 * Float.BYTES);
        array.close();
        assertThat(MemoryMeter.nativeBytes()).isEqualTo(before);
    }
}
