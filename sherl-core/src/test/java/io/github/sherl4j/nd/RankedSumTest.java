package io.github.sherl4j.nd;

import static io.github.sherl4j.TestArrays.numbers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.sherl4j.CentralDifferences;
import io.github.sherl4j.NativeBytes;
import io.github.sherl4j.TestArrays;
import java.util.Arrays;
import java.util.function.DoubleSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class RankedSumTest {
    private static final int TOKENS = 7;
    private static final double[][] WEIGHTS = {{0.5, -1, 2}, {1}, {0.25, 3, 0.125, -2, 1.5, 0.75, 4}, {1, 2, 3, 4, 5, 6}
    };

    @Test
    void workedByHand() {
        try (Memory memory = new Memory(DataType.DOUBLE)) {
            INDArray x = TestArrays.of(DataType.DOUBLE, new double[] {1, 8, 3, 5, 2, 9}, 1, 3, 2);
            double[][] weights = {{100, 10}};
            INDArray result = TestArrays.blank(DataType.DOUBLE, 1, 2);
            INDArray gradient = TestArrays.blank(DataType.DOUBLE, 1, 3, 2);

            RankedSum.apply(memory, x, weights, result);
            double[][] gradWeights = RankedSum.gradient(
                    memory, x, weights, TestArrays.of(DataType.DOUBLE, new double[] {1, 2}, 1, 2), gradient);

            assertThat(numbers(result)).containsExactly(310, 850);
            assertThat(numbers(gradient)).containsExactly(10, 200, 100, 20, 0, 0);
            assertThat(gradWeights).isDeepEqualTo(new double[][] {{3 + 16, 1 + 10}});
        }
    }

    @Test
    void equalNumbersStandInTheOrderOfTheirTokens() {
        try (Memory memory = new Memory(DataType.FLOAT)) {
            INDArray x = TestArrays.of(DataType.FLOAT, new double[] {2, 5, 2, 5, 2}, 1, 5, 1);
            INDArray gradient = TestArrays.blank(DataType.FLOAT, 1, 5, 1);
            INDArray one = TestArrays.of(DataType.FLOAT, new double[] {1}, 1, 1);

            RankedSum.gradient(memory, x, new double[][] {{1, 2, 3, 4, 5}}, one, gradient);

            assertThat(numbers(gradient)).containsExactly(3, 1, 4, 2, 5);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 64, 150})
    void equalsSortingAndCentralDifferences(int width) {
        for (DataType type : new DataType[] {DataType.FLOAT, DataType.DOUBLE}) {
            try (Memory memory = new Memory(type)) {
                INDArray x = TestArrays.normal(type, 1, WEIGHTS.length, TOKENS, width);
                INDArray result = TestArrays.blank(type, WEIGHTS.length, width);
                double[] before = numbers(x);

                RankedSum.apply(memory, x, WEIGHTS, result);

                double tolerance = type == DataType.DOUBLE ? 1e-14 : 1e-5;
                assertThat(numbers(result)).containsExactly(slow(before, width), within(tolerance));
                assertThat(numbers(x)).isEqualTo(before);
            }
        }
    }

    private static double[] slow(double[] x, int width) {
        double[] sums = new double[WEIGHTS.length * width];
        for (int n = 0; n < WEIGHTS.length; n++) {
            for (int channel = 0; channel < width; channel++) {
                double[] column = new double[WEIGHTS[n].length];
                for (int token = 0; token < column.length; token++) {
                    column[token] = x[(n * TOKENS + token) * width + channel];
                }
                Arrays.sort(column);
                for (int k = 0; k < column.length; k++) {
                    sums[n * width + channel] += WEIGHTS[n][k] * column[column.length - 1 - k];
                }
            }
        }
        return sums;
    }

    @Test
    void gradientsAreThoseOfCentralDifferences() {
        int width = 2;
        try (Memory memory = new Memory(DataType.DOUBLE)) {
            INDArray x = TestArrays.normal(DataType.DOUBLE, 1, WEIGHTS.length, TOKENS, width);
            INDArray result = TestArrays.blank(DataType.DOUBLE, WEIGHTS.length, width);
            INDArray gradX = TestArrays.blank(DataType.DOUBLE, WEIGHTS.length, TOKENS, width);
            double[] cotangent = TestArrays.normal((int) result.length(), 2);
            INDArray gradResult = TestArrays.of(DataType.DOUBLE, cotangent, result.shape());
            DoubleSupplier loss = () -> {
                memory.reset();
                RankedSum.apply(memory, x, WEIGHTS, result);
                return CentralDifferences.weightedSum(result, cotangent);
            };

            double[][] gradWeights = RankedSum.gradient(memory, x, WEIGHTS, gradResult, gradX);

            CentralDifferences.check("x", x, gradX, loss);
            double before = loss.getAsDouble();
            for (int n = 0; n < WEIGHTS.length; n++) {
                for (int k = 0; k < WEIGHTS[n].length; k++) { // linear in the weights
                    double weight = WEIGHTS[n][k];
                    WEIGHTS[n][k] = weight + 1;
                    assertThat(gradWeights[n][k]).isCloseTo(loss.getAsDouble() - before, within(1e-10));
                    WEIGHTS[n][k] = weight;
                }
            }
        }
    }

    @Test
    void everyChannelStandsForItself() {
        int width = 130; // three chunks of channels
        try (Memory memory = new Memory(DataType.FLOAT)) {
            INDArray x = TestArrays.normal(DataType.FLOAT, 1, 1, TOKENS, width);
            INDArray gradResult = TestArrays.normal(DataType.FLOAT, 2, 1, width);
            INDArray gradX = TestArrays.blank(DataType.FLOAT, 1, TOKENS, width);
            double[][] weights = {WEIGHTS[3]};
            double[] sums = new double[weights[0].length];

            double[][] gradWeights = RankedSum.gradient(memory, x, weights, gradResult, gradX);

            for (int channel = 0; channel < width; channel++) {
                INDArray oneX = channel(numbers(x), width, channel);
                INDArray oneGradResult =
                        channel(numbers(gradResult), width, channel).reshape(1, 1);
                INDArray oneGradX = TestArrays.blank(DataType.FLOAT, 1, TOKENS, 1);
                double[][] one = RankedSum.gradient(memory, oneX, weights, oneGradResult, oneGradX);
                assertThat(numbers(oneGradX)).isEqualTo(numbers(channel(numbers(gradX), width, channel)));
                Arrays.setAll(sums, k -> sums[k] + one[0][k]);
            }
            assertThat(gradWeights[0]).containsExactly(sums, within(1e-12));
        }
    }

    private static INDArray channel(double[] numbers, int width, int channel) {
        double[] column = new double[numbers.length / width];
        Arrays.setAll(column, token -> numbers[token * width + channel]);
        return TestArrays.of(DataType.FLOAT, column, 1, column.length, 1);
    }

    @Test
    void readsViewsAndArraysOfAnArena() {
        try (Memory memory = new Memory(DataType.FLOAT)) {
            for (int round = 0; round < 3; round++) {
                memory.reset();
                memory.step().array(5);
                INDArray all = memory.step().array(3, 4, 2);
                TestArrays.set(all, TestArrays.normal(24, 1));
                INDArray part = memory.slices(all, 1, 3);
                INDArray copy = TestArrays.of(DataType.FLOAT, numbers(part), 2, 4, 2);
                double[][] weights = {{1, 2, 3, 4}, {4, 3, 2}};
                INDArray fromPart = TestArrays.blank(DataType.FLOAT, 2, 2);
                INDArray fromCopy = TestArrays.blank(DataType.FLOAT, 2, 2);

                RankedSum.apply(memory, part, weights, fromPart);
                RankedSum.apply(memory, copy, weights, fromCopy);

                assertThat(numbers(fromPart)).isEqualTo(numbers(fromCopy));
                INDArray gradAll = memory.step().array(3, 2);
                TestArrays.set(gradAll, TestArrays.normal(6, 2));
                INDArray gradPart = memory.slices(gradAll, 1, 3);
                INDArray gradCopy = TestArrays.of(DataType.FLOAT, numbers(gradPart), 2, 2);
                INDArray one = TestArrays.blank(DataType.FLOAT, 2, 4, 2);
                INDArray other = TestArrays.blank(DataType.FLOAT, 2, 4, 2);
                RankedSum.gradient(memory, part, weights, gradPart, one);
                RankedSum.gradient(memory, copy, weights, gradCopy, other);
                assertThat(numbers(one)).isEqualTo(numbers(other));
            }
        }
    }

    @Test
    void aWarmRoundMakesNoNativeObject() {
        try (Memory memory = new Memory(DataType.FLOAT)) {
            INDArray x = TestArrays.normal(DataType.FLOAT, 1, WEIGHTS.length, TOKENS, 3);
            INDArray result = TestArrays.blank(DataType.FLOAT, WEIGHTS.length, 3);
            INDArray gradX = TestArrays.blank(DataType.FLOAT, WEIGHTS.length, TOKENS, 3);
            Runnable round = () -> {
                memory.reset();
                RankedSum.apply(memory, x, WEIGHTS, result);
                RankedSum.gradient(memory, x, WEIGHTS, result, gradX);
            };
            round.run();
            round.run();
            assertThat(NativeBytes.created(round)).isZero();
        }
    }
}
