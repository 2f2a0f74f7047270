package io.github.sherl4j.nd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sherl4j.NativeBytes;
import io.github.sherl4j.TestArrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class ArenaTest {
    private final Arena arena = new Arena(DataType.FLOAT);

    @AfterEach
    void free() {
        arena.close();
    }

    @Test
    void learnsInTheFirstRoundAndHoldsExactlyTheMostThatWasAliveAtOnce() throws InterruptedException {
        long before = NativeBytes.settled();
        for (int round = 0; round < 3; round++) {
            arena.array(16); // 64 bytes, a cache line
            Arena.Scope outer = arena.scope();
            arena.array(2, 16);
            outer.close();
            Arena.Scope first = arena.scope();
            arena.array(1);
            Arena.Scope second = arena.scope();
            arena.array(16, 2);
            second.close();
            first.close();

            arena.reset();
            assertThat(arena.bytes()).isEqualTo(64 + 64 + 128);
            assertThat(MemoryMeter.nativeBytes() - before).isEqualTo(64 + 64 + 128);
        }
        arena.close();
        assertThat(arena.bytes()).isZero();
        assertThat(MemoryMeter.nativeBytes()).isEqualTo(before);
    }

    @Test
    void aScopeGivesItsMemoryBackWhileLearning() throws InterruptedException {
        long before = NativeBytes.settled();
        INDArray kept = arena.array(100);
        Arena.Scope scope = arena.scope();
        arena.array(1000);
        arena.array(500);
        assertThat(arena.bytes()).isEqualTo(1600 * Float.BYTES);
        assertThat(MemoryMeter.nativeBytes() - before).isEqualTo(1600 * Float.BYTES);

        scope.close();

        assertThat(arena.bytes()).isEqualTo(100 * Float.BYTES);
        assertThat(MemoryMeter.nativeBytes() - before).isEqualTo(100 * Float.BYTES);
        TestArrays.fill(kept, 1);
        assertThat(TestArrays.numbers(kept)).containsOnly(1);
    }

    @Test
    void arraysOverlapOnlyAcrossScopesThatEnded() {
        for (int round = 0; round < 3; round++) {
            INDArray outside = filled(arena.array(3, 5), 1);
            Arena.Scope first = arena.scope();
            INDArray inFirst = filled(arena.array(7), 2);
            INDArray alsoInFirst = filled(arena.array(2, 2, 2), 3);
            assertThat(TestArrays.numbers(inFirst)).containsOnly(2);
            assertThat(TestArrays.numbers(alsoInFirst)).containsOnly(3);
            first.close();
            Arena.Scope second = arena.scope();
            filled(arena.array(7), 4);
            if (round > 0) {
                assertThat(TestArrays.numbers(inFirst)).containsOnly(4);
            }
            second.close();
            assertThat(TestArrays.numbers(outside)).containsOnly(1);
            arena.reset();
        }
    }

    @Test
    void aLongerRoundSpillsAndIsLearnedThen() throws InterruptedException {
        arena.array(16);
        arena.reset();
        long learned = NativeBytes.settled();

        INDArray fits = filled(arena.array(8), 1);
        INDArray spills = filled(arena.array(32), 2);
        INDArray spillsToo = filled(arena.array(16), 3);
        assertThat(arena.bytes()).isEqualTo(64 + 128 + 64);
        assertThat(TestArrays.numbers(fits)).containsOnly(1);
        assertThat(TestArrays.numbers(spills)).containsOnly(2);
        assertThat(TestArrays.numbers(spillsToo)).containsOnly(3);

        arena.reset();
        assertThat(MemoryMeter.nativeBytes() - learned).isEqualTo(128 + 64);
        arena.array(16);
        arena.reset();
        assertThat(arena.bytes()).as("after a shorter round").isEqualTo(64 + 128 + 64);
    }

    @Test
    void answersTheSameRequestsWithTheSameArrays() {
        INDArray[] first = round(2, 3);
        INDArray[] second = round(2, 3);
        INDArray[] third = round(2, 3);
        INDArray[] longer = round(2, 2);
        INDArray[] last = round(2, 3);

        assertThat(second[0]).as("after learning").isNotSameAs(first[0]);
        for (int i = 0; i < 3; i++) {
            assertThat(third[i]).isSameAs(second[i]);
        }
        assertThat(longer[0]).isSameAs(third[0]);
        assertThat(longer[1]).isNotSameAs(third[1]);
        assertThat(longer[1].shape()).containsExactly(2, 2);
        assertThat(longer[2]).as("at the same place still").isSameAs(third[2]);
        assertThat(last[1].shape()).containsExactly(2, 3);
    }

    @Test
    void anArrayAtAnotherPlaceIsAnotherArray() {
        arena.array(64);
        arena.array(4);
        arena.reset();
        arena.array(64);
        INDArray behindLong = arena.array(4);
        arena.reset();
        arena.array(16);
        INDArray behindShort = filled(arena.array(4), 5);

        assertThat(behindShort).isNotSameAs(behindLong);
        assertThat(TestArrays.numbers(behindShort)).containsOnly(5);
    }

    @Test
    void arraysHaveTheArenasTypeAndAreInCOrder() {
        try (Arena doubles = new Arena(DataType.DOUBLE)) {
            for (int round = 0; round < 2; round++) {
                INDArray array = doubles.array(2, 3, 4);
                assertThat(array.dataType()).isEqualTo(DataType.DOUBLE);
                assertThat(array.ordering()).isEqualTo('c');
                assertThat(array.stride()).containsExactly(12, 4, 1);
                doubles.reset();
            }
            assertThat(doubles.type()).isEqualTo(DataType.DOUBLE);
            assertThat(doubles.bytes()).isEqualTo(24 * Double.BYTES);
        }
    }

    @Test
    void learnsAgainAfterClosing() {
        arena.array(1000);
        arena.reset();
        arena.array(2000);
        arena.close();
        arena.close();

        INDArray array = filled(arena.array(16), 1);
        assertThat(TestArrays.numbers(array)).containsOnly(1);
        arena.reset();
        assertThat(arena.bytes()).isEqualTo(64);
        assertThat(arena.array(16)).isNotSameAs(array);
    }

    @Test
    void refusesWhatCannotBeAnArray() {
        assertThatThrownBy(() -> arena.array(2, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("shape must have positive sizes, but is [2, 0]");
        assertThatThrownBy(() -> arena.array(-1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("shape must have positive sizes, but is [-1]");
        assertThatThrownBy(() -> new Arena(DataType.INT32))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("type must be a floating point type, but is INT");
        arena.reset();
        assertThat(arena.bytes()).isZero();
    }

    private INDArray[] round(long rows, long columns) {
        INDArray[] arrays = {arena.array(5), arena.array(rows, columns), arena.array(6)};
        arena.reset();
        return arrays;
    }

    private static INDArray filled(INDArray array, double number) {
        TestArrays.fill(array, number);
        return array;
    }
}
