package io.github.sherl4j.nd;

import static io.github.sherl4j.TestArrays.numbers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.sherl4j.NativeBytes;
import io.github.sherl4j.TestArrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Operations over rows. */
class OpsRowsTest {
    private static final double EPS = 1e-14;

    private final Memory memory = new Memory(DataType.DOUBLE);
    private final Ops ops = memory.ops();

    @AfterEach
    void free() {
        memory.close();
    }

    @Test
    void sumsAndMeansOfRowsAndSumsOfColumns() {
        INDArray x = array(new double[] {1, 2, 3, 4, 5, 7}, 2, 3);
        INDArray rows = TestArrays.blank(DataType.DOUBLE, 2, 1);
        INDArray columns = TestArrays.blank(DataType.DOUBLE, 3, 1);

        ops.sumRows(x, rows);
        assertThat(numbers(rows)).containsExactly(6, 16);
        ops.meanRows(x, rows);
        assertThat(numbers(rows)).containsExactly(new double[] {2, 16 / 3.0}, within(EPS));
        ops.sumColumns(x, columns, 0);
        assertThat(numbers(columns)).containsExactly(5, 7, 10);
        ops.sumColumns(x, columns, 1);
        assertThat(numbers(columns)).containsExactly(10, 14, 20);
        ops.meanColumns(x, columns);
        assertThat(numbers(columns)).containsExactly(2.5, 3.5, 5);
    }

    @Test
    void blendsOneColumnIntoAnother() {
        INDArray x = array(new double[] {1, 2, 3}, 3, 1);
        INDArray result = array(new double[] {10, 20, 30}, 3, 1);

        ops.blend(x, 2, result, 0.5);
        assertThat(numbers(result)).containsExactly(7, 14, 21);
        assertThat(numbers(x)).containsExactly(1, 2, 3);

        TestArrays.fill(result, Double.NaN);
        ops.blend(x, 4, result, 0);
        assertThat(numbers(result)).containsExactly(4, 8, 12);
    }

    @Test
    void sumsKeepWorkingWhenLongerOnesAreAskedForInBetween() {
        INDArray x = array(new double[] {1, 2, 3}, 1, 3);
        INDArray sum = TestArrays.blank(DataType.DOUBLE, 1, 1);
        for (int round = 0; round < 3; round++) {
            memory.reset();
            ops.sumRows(x, sum);
            assertThat(sum.getDouble(0)).isEqualTo(6);
            INDArray longer = TestArrays.normal(DataType.DOUBLE, 1, 1, 10 + 10 * round);
            INDArray longerSum = TestArrays.blank(DataType.DOUBLE, 1, 1);
            ops.sumRows(longer, longerSum);
            ops.sumRows(x, sum);
            assertThat(sum.getDouble(0)).isEqualTo(6);
            double expected = 0;
            for (double number : numbers(longer)) {
                expected += number;
            }
            assertThat(longerSum.getDouble(0)).isCloseTo(expected, within(1e-12));
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = DataType.class,
            names = {"FLOAT", "DOUBLE"})
    void softmaxIsExactForExtremeLogits(DataType type) {
        double ln3 = Math.log(3);
        double[] logits = {0, ln3, -1e4, 1e4, 0, 1e4, -1e4, -1e4, -1e4, -10000, ln3 - 10000, -20000};
        double[] softmax = {0.25, 0.75, 0, 0.5, 0, 0.5, 1 / 3.0, 1 / 3.0, 1 / 3.0, 0.25, 0.75, 0};
        double tolerance = type == DataType.DOUBLE ? 1e-11 : 1e-3; // a float near 10000 has steps of 0.001
        try (Memory own = new Memory(type)) {
            INDArray x = TestArrays.of(type, logits, 4, 3);
            INDArray result = TestArrays.blank(type, 4, 3);
            own.ops().softmax(x, result);
            assertThat(numbers(result)).containsExactly(softmax, within(tolerance));
            own.ops().softmax(x, x);
            assertThat(numbers(x)).containsExactly(softmax, within(tolerance));
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = DataType.class,
            names = {"FLOAT", "DOUBLE"})
    void theLargestOfEachRowMayBeNegative(DataType type) {
        try (Memory own = new Memory(type)) {
            INDArray x = TestArrays.of(type, new double[] {-5, -3, -7, -1e4, -2e4, -3e4, 1, 5, 5}, 3, 3);
            INDArray result = TestArrays.blank(type, 3, 1);
            own.ops().maximumRows(x, result);
            assertThat(numbers(result)).containsExactly(-3, -1e4, 5);
        }
    }

    @Test
    void softmaxOfFourDimensionsIsOverTheLast() {
        INDArray x = TestArrays.normal(DataType.DOUBLE, 1, 2, 2, 3, 4);
        double[] expected = numbers(x);
        for (int row = 0; row < 12; row++) {
            double sum = 0;
            for (int i = 0; i < 4; i++) {
                expected[row * 4 + i] = Math.exp(expected[row * 4 + i]);
                sum += expected[row * 4 + i];
            }
            for (int i = 0; i < 4; i++) {
                expected[row * 4 + i] /= sum;
            }
        }
        ops.softmax(x, x);
        assertThat(numbers(x)).containsExactly(expected, within(EPS));
    }

    @Test
    void gathersRowsOfATableAndAddsThemBackWhereIndicesRepeat() {
        INDArray table = array(new double[] {1, 2, 3, 4, 5, 6}, 3, 2);
        INDArray indices = Nd4j.createFromArray(2, 0, 2, 2);
        INDArray rows = TestArrays.blank(DataType.DOUBLE, 4, 2);

        ops.gather(table, indices, rows);
        assertThat(numbers(rows)).containsExactly(5, 6, 1, 2, 5, 6, 5, 6);

        ops.scatterAdd(table, indices, array(new double[] {1, 10, 2, 20, 3, 30, 4, 40}, 4, 2));
        assertThat(numbers(table)).containsExactly(3, 22, 3, 4, 13, 86);
    }

    @Test
    void manyRepeatedIndicesLoseNothing() {
        INDArray table = Nd4j.zeros(DataType.DOUBLE, 3, 2);
        int[] indices = new int[3000];
        for (int i = 0; i < indices.length; i++) {
            indices[i] = i % 7 == 0 ? 2 : 1;
        }
        ops.scatterAdd(table, Nd4j.createFromArray(indices), Nd4j.ones(DataType.DOUBLE, indices.length, 2));
        assertThat(numbers(table)).containsExactly(0, 0, 2571, 2571, 429, 429);
    }

    @Test
    void theIdentityIsMadeOnce() {
        assertThat(numbers(ops.identity(3))).containsExactly(1, 0, 0, 0, 1, 0, 0, 0, 1);
        assertThat(ops.identity(3)).isSameAs(ops.identity(3)).isNotSameAs(ops.identity(2));
        assertThat(numbers(ops.identity(1))).containsExactly(1);
    }

    @Test
    void closingFreesItsConstants() throws InterruptedException {
        INDArray x = array(new double[] {1, 2, 3, 4}, 2, 2);
        INDArray sum = TestArrays.blank(DataType.DOUBLE, 2, 1);
        long before = NativeBytes.settled();
        try (Memory own = new Memory(DataType.DOUBLE)) {
            own.ops().identity(100);
            own.ops().sumRows(x, sum);
            own.ops().multiply(x, 2, x);
            assertThat(MemoryMeter.nativeBytes() - before).isBetween(80_000L, 81_000L);
        }
        assertThat(NativeBytes.settled()).isEqualTo(before);
    }

    @Test
    void aProfileCountsCallsAndBytes() {
        INDArray x = array(new double[] {1, 2, 3, 4}, 2, 2);
        OpProfile profile = new OpProfile();
        ops.profile(profile);
        ops.add(x, x, x);
        ops.add(x, x, x);
        ops.exp(x, x);
        ops.copy(x, x);
        ops.profile(null);
        ops.add(x, x, x);

        assertThat(profile.totals()).containsOnlyKeys("add [2, 2]", "exp [2, 2]", "copy [2, 2]");
        OpProfile.Total add = profile.totals().get("add [2, 2]");
        assertThat(add.calls()).isEqualTo(2);
        assertThat(add.bytes()).isEqualTo(2 * 3 * 4 * Double.BYTES);
        assertThat(add.nanos()).isPositive();
    }

    private static INDArray array(double[] numbers, long... shape) {
        return TestArrays.of(DataType.DOUBLE, numbers, shape);
    }
}
