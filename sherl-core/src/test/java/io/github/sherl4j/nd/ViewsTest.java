package io.github.sherl4j.nd;

import static io.github.sherl4j.TestArrays.numbers;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.sherl4j.TestArrays;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class ViewsTest {
    private final Views views = new Views();

    @Test
    void reshapesOverTheSameMemory() {
        INDArray base = counted(2, 3, 4);
        INDArray rows = views.reshape(base, 6, 4);
        rows.putScalar(new long[] {5, 3}, -1);

        assertThat(rows.shape()).containsExactly(6, 4);
        assertThat(base.getDouble(1, 2, 3)).isEqualTo(-1);
        assertThat(views.reshape(base, 2, 3, 4)).isSameAs(base);
    }

    @Test
    void splitsHeads() {
        INDArray base = counted(2, 3, 8);
        INDArray heads = views.heads(base, 2, 3, 2);
        INDArray ofRows = views.heads(views.reshape(base, 6, 8), 2, 3, 2);

        assertThat(heads.shape()).containsExactly(2, 2, 3, 4);
        for (int b = 0; b < 2; b++) {
            for (int h = 0; h < 2; h++) {
                for (int t = 0; t < 3; t++) {
                    for (int i = 0; i < 4; i++) {
                        assertThat(heads.getDouble(b, h, t, i)).isEqualTo(base.getDouble(b, t, h * 4L + i));
                    }
                }
            }
        }
        assertThat(numbers(ofRows)).isEqualTo(numbers(heads));
        heads.putScalar(new long[] {1, 1, 2, 3}, -1);
        assertThat(base.getDouble(1, 2, 7)).isEqualTo(-1);
    }

    @Test
    void swapsTheFirstTwoDimensions() {
        INDArray base = counted(2, 3, 2);
        INDArray swapped = views.swapFirstTwo(base);
        swapped.putScalar(new long[] {2, 1, 0}, -1);

        assertThat(swapped.shape()).containsExactly(3, 2, 2);
        assertThat(numbers(swapped)).containsExactly(0, 1, 6, 7, 2, 3, 8, 9, 4, 5, -1, 11);
        assertThat(base.getDouble(1, 2, 0)).isEqualTo(-1);
    }

    @Test
    void cutsSlicesOfSlices() {
        INDArray base = counted(6, 2);
        INDArray slice = views.slices(base, 1, 5);
        INDArray inner = views.slices(slice, 2, 4);
        INDArray one = views.slices(inner, 1, 2);

        assertThat(numbers(slice)).containsExactly(2, 3, 4, 5, 6, 7, 8, 9);
        assertThat(numbers(inner)).containsExactly(6, 7, 8, 9);
        assertThat(one.shape()).containsExactly(1, 2);
        assertThat(numbers(one)).containsExactly(8, 9);
        assertThat(views.slices(slice, 0, 4)).isSameAs(slice);
        TestArrays.fill(one, -1);
        assertThat(numbers(views.slices(base, 3, 6))).containsExactly(6, 7, -1, -1, 10, 11);
    }

    @Test
    void viewsOfViewsKeepTheirOffsets() {
        INDArray base = counted(3, 2, 2, 4); // three states [2, 2, 4]
        INDArray state = views.reshape(views.slices(base, 1, 2), 2, 2, 4);
        INDArray heads = views.heads(state, 2, 2, 2);
        INDArray first = views.firstToken(state);
        INDArray last = views.slices(views.reshape(state, 4, 4), 3, 4);
        INDArray swapped = views.swapFirstTwo(views.slices(views.reshape(base, 6, 2, 4), 2, 4));

        assertThat(numbers(state)[0]).isEqualTo(16);
        assertThat(numbers(heads)).containsExactly(16, 17, 20, 21, 18, 19, 22, 23, 24, 25, 28, 29, 26, 27, 30, 31);
        assertThat(first.shape()).containsExactly(2, 4);
        assertThat(numbers(first)).containsExactly(16, 17, 18, 19, 24, 25, 26, 27);
        assertThat(numbers(last)).containsExactly(28, 29, 30, 31);
        assertThat(numbers(swapped)).containsExactly(16, 17, 18, 19, 24, 25, 26, 27, 20, 21, 22, 23, 28, 29, 30, 31);
        TestArrays.fill(first, -1);
        assertThat(base.getDouble(1, 0, 0, 3)).isEqualTo(-1);
        assertThat(base.getDouble(1, 0, 1, 0)).isEqualTo(20);
    }

    @Test
    void viewsOfSizeOneWork() {
        INDArray base = counted(1, 1, 1);
        assertThat(views.firstToken(base).shape()).containsExactly(1, 1);
        assertThat(views.heads(base, 1, 1, 1).shape()).containsExactly(1, 1, 1, 1);
        assertThat(views.swapFirstTwo(base).shape()).containsExactly(1, 1, 1);
        INDArray column = counted(3, 1);
        assertThat(numbers(views.slices(column, 2, 3))).containsExactly(2);
    }

    @Test
    void operationsComputeInViewsOfAnArenasArrays() {
        try (Memory memory = new Memory(DataType.DOUBLE)) {
            for (int round = 0; round < 3; round++) {
                memory.reset();
                memory.step().array(5);
                INDArray base = memory.step().array(4, 2);
                TestArrays.set(base, new double[] {1, 2, 3, 4, 5, 6, 7, 8});
                INDArray middle = memory.slices(memory.slices(base, 1, 4), 0, 2);
                memory.ops().multiply(middle, middle, middle);
                INDArray result = memory.scratch().array(2, 2);
                memory.ops().product(middle, memory.slices(base, 0, 2), result);

                assertThat(numbers(base)).containsExactly(1, 2, 9, 16, 25, 36, 7, 8);
                assertThat(numbers(result)).containsExactly(9 + 144, 18 + 256, 25 + 324, 50 + 576);
            }
        }
    }

    @Test
    void answersTheSameRequestsWithTheSameViews() {
        INDArray base = counted(4, 2);
        INDArray other = counted(4, 2);
        INDArray slice = views.slices(base, 1, 3);
        INDArray reshaped = views.reshape(base, 8);
        views.reset();
        assertThat(views.slices(base, 1, 3)).isSameAs(slice);
        assertThat(views.reshape(base, 8)).isSameAs(reshaped);
        views.reset();
        assertThat(views.slices(base, 1, 4)).isNotSameAs(slice);
        assertThat(views.reshape(base, 8)).as("at the same place still").isSameAs(reshaped);
        views.reset();
        INDArray ofOther = views.slices(other, 1, 3);
        TestArrays.fill(ofOther, -1);
        assertThat(numbers(slice)).as("an equal array is another").containsExactly(2, 3, 4, 5);
        views.clear();
        assertThat(views.slices(other, 1, 3)).isNotSameAs(ofOther);
    }

    private static INDArray counted(long... shape) {
        INDArray array = TestArrays.blank(DataType.DOUBLE, shape);
        double[] numbers = new double[(int) array.length()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = i;
        }
        TestArrays.set(array, numbers);
        return array;
    }
}
