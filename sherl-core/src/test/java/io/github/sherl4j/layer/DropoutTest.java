package io.github.sherl4j.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.sherl4j.TestArrays;
import io.github.sherl4j.nd.Memory;
import java.util.Arrays;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class DropoutTest {
    private static final int LENGTH = 20_000;

    private final Memory memory = new Memory(DataType.FLOAT);

    @AfterEach
    void free() {
        memory.close();
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.1, 0.5, 0.9})
    void dropsAtItsRateAndKeepsTheExpectation(double rate) {
        double[] result = dropped(rate, 1, 7);

        double kept = (float) (1 / (1 - rate));
        long zeros = Arrays.stream(result).filter(x -> x == 0).count();
        double tolerance = 5 * Math.sqrt(rate * (1 - rate) / LENGTH); // five deviations
        assertThat(zeros / (double) LENGTH).isCloseTo(rate, within(tolerance));
        assertThat(Arrays.stream(result).filter(x -> x != 0)).allMatch(x -> Math.abs(x - kept) < 1e-6 * kept);
        assertThat(Arrays.stream(result).average().orElseThrow()).isCloseTo(1, within(tolerance * kept));
    }

    @Test
    void equalSeedsDropTheSameAndOtherSeedsAndUsesOthers() {
        double[] result = dropped(0.5, 1, 7);

        assertThat(dropped(0.5, 1, 7)).isEqualTo(result);
        for (double[] other : new double[][] {dropped(0.5, 1, 8), dropped(0.5, 2, 7)}) {
            long agreeing = 0;
            for (int i = 0; i < LENGTH; i++) {
                agreeing += result[i] == other[i] ? 1 : 0;
            }
            assertThat(agreeing / (double) LENGTH).isCloseTo(0.5, within(0.02));
        }
    }

    @Test
    void theBackwardPassDropsWhatTheForwardPassDropped() {
        Context context = new Context(memory, null, null, OptionalLong.of(7));
        INDArray input = ones();
        INDArray gradient = ones();
        LayerStep step = new Dropout(0.5, 1).forward(input, context, input); // in place
        memory.rng().reseed(99); // others use the generator in between

        assertThat(TestArrays.numbers(step.backward(gradient))).isEqualTo(TestArrays.numbers(input));
        assertThat(step.keptBytes()).isZero();
    }

    @Test
    void withoutSeedOrRateNothingIsDropped() {
        INDArray input = TestArrays.normal(DataType.FLOAT, 1, 5);
        double[] numbers = TestArrays.numbers(input);
        INDArray result = TestArrays.blank(DataType.FLOAT, 5);

        new Dropout(0.5, 1).forward(input, Context.of(memory), result);
        assertThat(TestArrays.numbers(result)).isEqualTo(numbers);

        TestArrays.fill(result, Double.NaN);
        new Dropout(0, 1).forward(input, new Context(memory, null, null, OptionalLong.of(7)), result);
        assertThat(TestArrays.numbers(result)).isEqualTo(numbers);
    }

    @ParameterizedTest
    @ValueSource(doubles = {-0.1, 1, 1.5, Double.NaN})
    void refusesOtherRates(double rate) {
        assertThatThrownBy(() -> new Dropout(rate, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("rate must be in [0, 1), but is " + rate);
    }

    private double[] dropped(double rate, long use, long seed) {
        INDArray result = TestArrays.blank(DataType.FLOAT, LENGTH);
        new Dropout(rate, use).forward(ones(), new Context(memory, null, null, OptionalLong.of(seed)), result);
        return TestArrays.numbers(result);
    }

    private static INDArray ones() {
        INDArray ones = TestArrays.blank(DataType.FLOAT, LENGTH);
        TestArrays.fill(ones, 1);
        return ones;
    }
}
