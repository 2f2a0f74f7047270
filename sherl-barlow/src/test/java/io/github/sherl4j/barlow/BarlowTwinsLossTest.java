package io.github.sherl4j.barlow;

import static io.github.sherl4j.TestArrays.numbers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.sherl4j.CentralDifferences;
import io.github.sherl4j.NativeBytes;
import io.github.sherl4j.TestArrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class BarlowTwinsLossTest {
    private static final LossOptions OPTIONS = LossOptions.defaults().withLambda(0.3);

    /** Both forms at batches larger and smaller than the width, at the smallest sizes, and with other options. */
    static Stream<Arguments> cases() {
        return Stream.of(LossForm.GRAM, LossForm.CORRELATION)
                .flatMap(form -> Stream.of(new int[] {2, 1}, new int[] {2, 7}, new int[] {9, 4}, new int[] {5, 5})
                        .flatMap(size -> Stream.of(
                                        OPTIONS,
                                        OPTIONS.withLambda(0),
                                        new LossOptions(0.0051, 0.024, 0.5, LossForm.CHEAPEST))
                                .map(options -> Arguments.of(size[0], size[1], options.withForm(form)))));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void agreesWithThePapersAlgorithmNumberByNumber(int batch, int width, LossOptions options) {
        INDArray z1 = TestArrays.normal(DataType.DOUBLE, 1, batch, width);
        INDArray z2 = TestArrays.normal(DataType.DOUBLE, 2, batch, width).addi(z1);
        try (BarlowTwinsLoss loss = new BarlowTwinsLoss(options)) {
            LossValue slow = SlowBarlowTwins.loss(z1, z2, options);
            double[] before1 = numbers(z1);
            double[] before2 = numbers(z2);

            LossResult result = loss.of(z1, z2);

            assertThat(result.value()).isCloseTo(slow.value(), within(1e-12 * (1 + slow.value())));
            assertThat(result.loss().diagonal()).isCloseTo(slow.diagonal(), within(1e-12));
            assertThat(result.loss().offDiagonal()).isCloseTo(slow.offDiagonal(), within(1e-12));
            assertThat(numbers(z1)).isEqualTo(before1);
            assertThat(numbers(z2)).isEqualTo(before2);
            INDArray gradient1 = result.gradient1().dup();
            INDArray gradient2 = result.gradient2().dup();
            CentralDifferences.check(
                    "z1",
                    z1,
                    gradient1,
                    () -> SlowBarlowTwins.loss(z1, z2, options).value());
            CentralDifferences.check(
                    "z2",
                    z2,
                    gradient2,
                    () -> SlowBarlowTwins.loss(z1, z2, options).value());
        }
    }

    @ParameterizedTest
    @CsvSource({"3, 40, FLOAT", "40, 3, FLOAT", "20, 20, FLOAT", "3, 40, DOUBLE", "40, 3, DOUBLE", "70, 1000, FLOAT"})
    void bothFormsAreEqual(int batch, int width, DataType type) {
        INDArray z1 = TestArrays.normal(type, 1, batch, width);
        INDArray z2 = TestArrays.normal(type, 2, batch, width).addi(z1).addi(3);
        try (BarlowTwinsLoss gram = new BarlowTwinsLoss(OPTIONS.withForm(LossForm.GRAM));
                BarlowTwinsLoss direct = new BarlowTwinsLoss(OPTIONS.withForm(LossForm.CORRELATION))) {
            LossResult a = gram.of(z1, z2);
            LossResult b = direct.of(z1, z2);
            double tolerance = type == DataType.DOUBLE ? 1e-12 : 1e-5;

            assertThat(a.value()).isCloseTo(b.value(), within(tolerance * b.value()));
            assertThat(error(a.gradient1(), b.gradient1())).isLessThan(tolerance);
            assertThat(error(a.gradient2(), b.gradient2())).isLessThan(tolerance);
        }
    }

    @Test
    void theCheaperFormIsTaken() {
        assertThat(LossForm.CHEAPEST.of(74, 100)).isEqualTo(LossForm.GRAM);
        assertThat(LossForm.CHEAPEST.of(75, 100)).isEqualTo(LossForm.CORRELATION);
        assertThat(LossForm.GRAM.of(75, 100)).isEqualTo(LossForm.GRAM);
        assertThat(LossForm.CORRELATION.of(74, 100)).isEqualTo(LossForm.CORRELATION);
    }

    @ParameterizedTest
    @EnumSource(
            value = LossForm.class,
            names = {"GRAM", "CORRELATION"})
    void shiftingAndScalingAViewChangesNothing(LossForm form) {
        LossOptions options = OPTIONS.withForm(form).withEps(1e-12);
        INDArray z1 = TestArrays.normal(DataType.DOUBLE, 1, 6, 5);
        INDArray z2 = TestArrays.normal(DataType.DOUBLE, 2, 6, 5).addi(z1);
        try (BarlowTwinsLoss loss = new BarlowTwinsLoss(options)) {
            double value = loss.of(z1, z2).value();
            double[] gradient = numbers(loss.of(z1, z2).gradient1());

            LossResult moved = loss.of(z1.mul(4).addi(7), z2.add(-3));

            assertThat(moved.value()).isCloseTo(value, within(1e-9));
            assertThat(numbers(moved.gradient1())).containsExactly(TestArrays.each(gradient, g -> g / 4), within(1e-9));
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = LossForm.class,
            names = {"GRAM", "CORRELATION"})
    void laterCallsEqualTheFirstAndMakeNothingNative(LossForm form) {
        INDArray z1 = TestArrays.normal(DataType.FLOAT, 1, 6, 5);
        INDArray z2 = TestArrays.normal(DataType.FLOAT, 2, 6, 5);
        try (BarlowTwinsLoss loss = new BarlowTwinsLoss(OPTIONS.withForm(form))) {
            LossResult first = loss.of(z1, z2);
            double[] gradient1 = numbers(first.gradient1());
            double[] gradient2 = numbers(first.gradient2());
            for (int round = 0; round < 2; round++) {
                LossResult next = loss.of(z1, z2);
                assertThat(next.value()).isEqualTo(first.value());
                assertThat(numbers(next.gradient1())).isEqualTo(gradient1);
                assertThat(numbers(next.gradient2())).isEqualTo(gradient2);
            }
            long bytes = loss.bytes();
            assertThat(NativeBytes.created(() -> loss.of(z1, z2))).isZero();
            assertThat(loss.bytes()).isEqualTo(bytes);

            INDArray own1 = TestArrays.blank(DataType.FLOAT, 6, 5);
            INDArray own2 = TestArrays.blank(DataType.FLOAT, 6, 5);
            LossResult given = loss.of(z1, z2, own1, own2);
            assertThat(given.gradient1()).isSameAs(own1);
            assertThat(given.gradient2()).isSameAs(own2);
            assertThat(numbers(own1)).isEqualTo(gradient1);
            assertThat(numbers(own2)).isEqualTo(gradient2);
        }
    }

    @Test
    void shapesTypesAndStridesMayChangeBetweenCalls() {
        try (BarlowTwinsLoss loss = new BarlowTwinsLoss(OPTIONS)) {
            for (int[] size : new int[][] {{6, 5}, {2, 30}, {9, 3}, {3, 30}, {6, 5}}) {
                for (DataType type : new DataType[] {DataType.DOUBLE, DataType.FLOAT}) {
                    INDArray z1 = TestArrays.normal(type, 1, size[1], size[0]).transpose();
                    INDArray z2 = TestArrays.normal(type, 2, size[0], size[1]).dup('f');
                    double slow = SlowBarlowTwins.loss(z1, z2, OPTIONS).value();
                    LossResult strided = loss.of(z1, z2);
                    INDArray gradient = strided.gradient1().dup();
                    assertThat(strided.value()).isCloseTo(slow, within(1e-5 * slow));
                    LossResult plain = loss.of(z1.dup('c'), z2.dup('c'));
                    assertThat(plain.value()).isCloseTo(slow, within(1e-5 * slow));
                    assertThat(error(gradient, plain.gradient1())).isLessThan(1e-5);
                }
            }
        }
    }

    @Test
    void atLargeWidthItNeedsLittleMoreThanTheStandardizedEmbeddings() throws InterruptedException {
        INDArray z1 = Nd4j.rand(DataType.FLOAT, 256, 8192);
        INDArray z2 = Nd4j.rand(DataType.FLOAT, 256, 8192);
        INDArray gradient1 = Nd4j.createUninitialized(DataType.FLOAT, 256, 8192);
        INDArray gradient2 = Nd4j.createUninitialized(DataType.FLOAT, 256, 8192);
        long before = NativeBytes.settled();
        try (BarlowTwinsLoss loss = new BarlowTwinsLoss(LossOptions.defaults())) {
            loss.of(z1, z2, gradient1, gradient2);
            loss.of(z1, z2, gradient1, gradient2);
            assertThat(loss.bytes()).isLessThan(18_500_000);
            assertThat(NativeBytes.settled() - before).isLessThan(18_600_000);
        }
        assertThat(NativeBytes.settled()).isEqualTo(before);
    }

    @ParameterizedTest
    @EnumSource(
            value = LossForm.class,
            names = {"GRAM", "CORRELATION"})
    void aConstantColumnHasFiniteLossAndGradient(LossForm form) {
        INDArray z1 = TestArrays.normal(DataType.FLOAT, 1, 4, 3);
        INDArray z2 = TestArrays.normal(DataType.FLOAT, 2, 4, 3);
        for (int n = 0; n < 4; n++) {
            z1.putScalar(n, 1, 0.1);
        }
        try (BarlowTwinsLoss loss = new BarlowTwinsLoss(OPTIONS.withForm(form))) {
            LossResult result = loss.of(z1, z2);
            double slow = SlowBarlowTwins.loss(z1, z2, OPTIONS).value();
            assertThat(result.value()).isCloseTo(slow, within(1e-5 * slow));
            for (INDArray gradient : new INDArray[] {result.gradient1(), result.gradient2()}) {
                for (double number : numbers(gradient)) {
                    assertThat(number).isFinite();
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = LossForm.class,
            names = {"GRAM", "CORRELATION"})
    void refusesNumbersThatAreNotFiniteAndSaysWhich(LossForm form) {
        INDArray good = TestArrays.normal(DataType.FLOAT, 1, 4, 3);
        INDArray result1 = TestArrays.normal(DataType.FLOAT, 3, 4, 3);
        INDArray result2 = TestArrays.normal(DataType.FLOAT, 4, 4, 3);
        double[] before1 = numbers(result1);
        double[] before2 = numbers(result2);
        try (BarlowTwinsLoss loss = new BarlowTwinsLoss(OPTIONS.withForm(form))) {
            for (double bad : new double[] {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY}) {
                INDArray broken = TestArrays.normal(DataType.FLOAT, 2, 4, 3);
                broken.putScalar(2, 1, bad);
                assertThatThrownBy(() -> loss.of(broken, good, result1, result2))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessage("z1 must be finite, but has %s at [2, 1]", bad);
                assertThatThrownBy(() -> loss.of(good, broken, result1, result2))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessage("z2 must be finite, but has %s at [2, 1]", bad);
            }
            INDArray large = TestArrays.normal(DataType.FLOAT, 2, 4, 3).muli(1e30);
            assertThatThrownBy(() -> loss.of(good, large, result1, result2))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("z2 is too large: statistics of its columns are not finite in FLOAT");
            assertThat(numbers(result1)).isEqualTo(before1);
            assertThat(numbers(result2)).isEqualTo(before2);
            double slow = SlowBarlowTwins.loss(good, result1, OPTIONS).value();
            assertThat(loss.of(good, result1).value()).isCloseTo(slow, within(1e-5 * slow));
        }
    }

    @Test
    void refusesOtherShapesAndTypes() {
        INDArray z = TestArrays.normal(DataType.FLOAT, 1, 4, 3);
        INDArray wide = TestArrays.normal(DataType.FLOAT, 1, 4, 4);
        INDArray single = TestArrays.normal(DataType.FLOAT, 1, 1, 3);
        INDArray doubles = TestArrays.normal(DataType.DOUBLE, 1, 4, 3);
        try (BarlowTwinsLoss loss = new BarlowTwinsLoss(OPTIONS)) {
            assertRefused(() -> loss.of(single, single), "The batch must have at least 2 rows, but has 1");
            assertRefused(() -> loss.of(z, wide), "z2 must have shape [4, 3], but has [4, 4]");
            assertRefused(() -> loss.of(z.reshape(2, 2, 3), z), "z1 must be [batch, width], but has shape [2, 2, 3]");
            assertRefused(() -> loss.of(z, doubles), "z2 must be FLOAT like z1, but is DOUBLE");
            INDArray integers = Nd4j.ones(DataType.INT32, 4, 3);
            assertRefused(() -> loss.of(integers, integers), "z1 must be FLOAT or DOUBLE, but is INT");
            assertRefused(() -> loss.of(z, z, wide, z), "gradient1 must have shape [4, 3], but has [4, 4]");
            assertRefused(
                    () -> loss.of(z, z, z, doubles), "gradient2 must be FLOAT like the embeddings, but is DOUBLE");
        }
    }

    @Test
    void refusesOptionsOutOfRange() {
        LossOptions defaults = LossOptions.defaults();
        assertThat(defaults).isEqualTo(new LossOptions(0.0051, 1, 1e-5, LossForm.CHEAPEST));
        assertRefused(() -> defaults.withLambda(-1), "lambda must be finite and not negative, but is -1.0");
        assertRefused(() -> defaults.withLambda(Double.NaN), "lambda must be finite and not negative, but is NaN");
        assertRefused(() -> defaults.withScale(0), "scale must be positive and finite, but is 0.0");
        assertRefused(() -> defaults.withEps(0), "eps must be positive and finite, but is 0.0");
    }

    private static void assertRefused(Runnable call, String message) {
        assertThatThrownBy(call::run)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    private static double error(INDArray x, INDArray y) {
        return TestArrays.difference(numbers(x), numbers(y)) / y.amaxNumber().doubleValue();
    }
}
