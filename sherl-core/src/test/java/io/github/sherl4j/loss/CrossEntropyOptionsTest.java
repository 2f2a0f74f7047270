package io.github.sherl4j.loss;

import static io.github.sherl4j.TestArrays.numbers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.sherl4j.CentralDifferences;
import io.github.sherl4j.TestArrays;
import io.github.sherl4j.loss.CrossEntropy.Options;
import io.github.sherl4j.nd.Memory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class CrossEntropyOptionsTest {
    private static final int[] LABELS = {2, 0, 1, 2, 2};
    private static final double[] WEIGHTS = {0.5, 3, 1.25};

    private final Memory memory = new Memory(DataType.DOUBLE);
    private final INDArray logits = TestArrays.normal(DataType.DOUBLE, 3, LABELS.length, WEIGHTS.length);
    private final INDArray targets = oneHot();
    private final INDArray classWeights = TestArrays.of(DataType.DOUBLE, WEIGHTS, WEIGHTS.length);

    @AfterEach
    void free() {
        memory.close();
    }

    @Test
    void equalsPyTorchsDefinitionForLabels() {
        for (double smoothing : new double[] {0, 0.1, 1}) {
            Options smoothed = Options.defaults().withLabelSmoothing(smoothing);
            check(smoothed, smoothing, new double[] {1, 1, 1});
            check(smoothed.withClassWeights(classWeights), smoothing, WEIGHTS);
        }
    }

    private void check(Options options, double smoothing, double[] weights) {
        CrossEntropy.Result result = CrossEntropy.of(memory, logits, targets, options, 0.5);
        double[] gradient = TestArrays.each(numbers(result.gradient()), g -> g / 0.5);

        assertThat(result.value()).isCloseTo(slow(numbers(logits), smoothing, weights), within(1e-14));
        CentralDifferences.check(
                "logits",
                logits,
                TestArrays.of(DataType.DOUBLE, gradient, logits.shape()),
                () -> CrossEntropy.of(memory, logits, targets, options, 1).value());
        assertThat(numbers(targets)).isEqualTo(numbers(oneHot()));
        assertThat(numbers(classWeights)).isEqualTo(WEIGHTS);
    }

    /** The weighted loss of the labels and that of a uniform target, mixed; the mean divides by the labels' weights. */
    private static double slow(double[] logits, double smoothing, double[] weights) {
        int classes = weights.length;
        double ofLabels = 0;
        double uniform = 0;
        double divisor = 0;
        for (int n = 0; n < LABELS.length; n++) {
            double sum = 0;
            for (int c = 0; c < classes; c++) {
                sum += Math.exp(logits[n * classes + c]);
            }
            for (int c = 0; c < classes; c++) {
                double loss = -weights[c] * (logits[n * classes + c] - Math.log(sum));
                uniform += loss / classes;
                ofLabels += c == LABELS[n] ? loss : 0;
            }
            divisor += weights[LABELS[n]];
        }
        return ((1 - smoothing) * ofLabels + smoothing * uniform) / divisor;
    }

    @Test
    void softTargetsCountByTheirOwnWeights() {
        INDArray soft = TestArrays.of(DataType.DOUBLE, new double[] {0.25, 0.75, 0}, 1, 3);
        INDArray zeros = TestArrays.of(DataType.DOUBLE, new double[3], 1, 3);

        CrossEntropy.Result result =
                CrossEntropy.of(memory, zeros, soft, Options.defaults().withClassWeights(classWeights), 1);

        assertThat(result.value()).isCloseTo(Math.log(3), within(1e-15));
    }

    @Test
    void aBatchWithoutWeightHasNoLoss() {
        INDArray first = TestArrays.of(DataType.DOUBLE, new double[] {0, 1, 1}, 3);
        INDArray target = TestArrays.of(DataType.DOUBLE, new double[] {1, 0, 0}, 1, 3);
        INDArray oneLogit = TestArrays.normal(DataType.DOUBLE, 1, 1, 3);

        CrossEntropy.Result result =
                CrossEntropy.of(memory, oneLogit, target, Options.defaults().withClassWeights(first), 1);

        assertThat(result.value()).isZero();
        assertThat(numbers(result.gradient())).containsExactly(0, 0, 0);
    }

    @Test
    void optionsWithoutEffectChangeNoBit() {
        INDArray ones = TestArrays.of(DataType.DOUBLE, new double[] {1, 1, 1}, 3);
        CrossEntropy.Result plain = CrossEntropy.of(memory, logits, targets, 0.3);
        CrossEntropy.Result defaults = CrossEntropy.of(memory, logits, targets, Options.defaults(), 0.3);
        CrossEntropy.Result weighted =
                CrossEntropy.of(memory, logits, targets, Options.defaults().withClassWeights(ones), 0.3);

        assertThat(defaults.value()).isEqualTo(plain.value());
        assertThat(numbers(defaults.gradient())).isEqualTo(numbers(plain.gradient()));
        assertThat(weighted.value()).isCloseTo(plain.value(), within(1e-15));
        assertThat(numbers(weighted.gradient())).containsExactly(numbers(plain.gradient()), within(1e-16));
    }

    @Test
    void refusesWhatCannotBe() {
        refuses(() -> new Options(1.5, null), "labelSmoothing must be in [0, 1], but is 1.5");
        refuses(() -> new Options(Double.NaN, null), "labelSmoothing must be in [0, 1], but is NaN");
        INDArray negative = TestArrays.of(DataType.DOUBLE, new double[] {1, -2}, 2);
        refuses(
                () -> Options.defaults().withClassWeights(negative),
                "classWeights must be 0 or more and finite, but that of class 1 is -2.0");
        refuses(() -> Options.defaults().withClassWeights(targets), "classWeights must have shape [*], but has [5, 3]");
        INDArray two = TestArrays.of(DataType.DOUBLE, new double[] {1, 2}, 2);
        Options ofTwo = Options.defaults().withClassWeights(two);
        refuses(
                () -> CrossEntropy.of(memory, logits, targets, ofTwo, 1),
                "classWeights must have shape [3], but has [2]");
    }

    private static void refuses(org.assertj.core.api.ThrowableAssert.ThrowingCallable call, String message) {
        assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class).hasMessage(message);
    }

    private static INDArray oneHot() {
        double[] numbers = new double[LABELS.length * WEIGHTS.length];
        for (int n = 0; n < LABELS.length; n++) {
            numbers[n * WEIGHTS.length + LABELS[n]] = 1;
        }
        return TestArrays.of(DataType.DOUBLE, numbers, LABELS.length, WEIGHTS.length);
    }
}
