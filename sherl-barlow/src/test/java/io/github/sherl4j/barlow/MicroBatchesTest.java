package io.github.sherl4j.barlow;

import static io.github.sherl4j.TestArrays.numbers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.sherl4j.NativeBytes;
import io.github.sherl4j.TestArrays;
import io.github.sherl4j.nd.Memory;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class MicroBatchesTest {
    private static final int BATCH = 13;
    private static final int WIDTH = 8;

    static Stream<Arguments> cases() {
        return Stream.of(LossForm.GRAM, LossForm.CORRELATION)
                .flatMap(form -> Stream.of(DataType.FLOAT, DataType.DOUBLE)
                        .flatMap(type -> Stream.of(1, 2, 5, 12, 13).map(size -> Arguments.of(form, type, size))));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void lossAndGradientsAreThoseOfTheWholeBatch(LossForm form, DataType type, int size) {
        LossOptions options = new LossOptions(0.2, 0.7, 1e-5, form);
        // Means far from 0 would show digits lost where parts are combined.
        INDArray z1 = TestArrays.normal(type, 1, BATCH, WIDTH).addi(20);
        INDArray z2 = TestArrays.normal(type, 2, BATCH, WIDTH).addi(z1);
        try (BarlowTwinsLoss loss = new BarlowTwinsLoss(options);
                MicroBatches parts = loss.parts(BATCH, WIDTH, type)) {
            LossResult whole = loss.of(z1, z2);
            for (int round = 0; round < 3; round++) {
                INDArray gradient1 = TestArrays.blank(type, BATCH, WIDTH);
                INDArray gradient2 = TestArrays.blank(type, BATCH, WIDTH);
                run(parts, z1, z2, size, gradient1, gradient2);

                double value = parts.loss().value();
                assertThat(value).isCloseTo(whole.value(), within(1e-5 * whole.value()));
                assertThat(error(gradient1, whole.gradient1())).isLessThan(1e-5);
                assertThat(error(gradient2, whole.gradient2())).isLessThan(1e-5);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = LossForm.class,
            names = {"GRAM", "CORRELATION"})
    void aWarmBatchMakesNothingNative(LossForm form) {
        INDArray z1 = TestArrays.normal(DataType.FLOAT, 1, 6, WIDTH);
        INDArray z2 = TestArrays.normal(DataType.FLOAT, 2, 6, WIDTH);
        try (BarlowTwinsLoss loss = new BarlowTwinsLoss(LossOptions.defaults().withForm(form));
                MicroBatches parts = loss.parts(12, WIDTH, DataType.FLOAT)) {
            Runnable batch = () -> {
                parts.add(z1, z2);
                parts.add(z2, z1);
                parts.gradients(z1, z2);
                parts.gradients(z2, z1);
            };
            batch.run();
            batch.run();
            assertThat(NativeBytes.created(batch)).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = LossForm.class,
            names = {"GRAM", "CORRELATION"})
    void refusesWhatDoesNotFitAndStaysUsable(LossForm form) {
        LossOptions options = LossOptions.defaults().withForm(form);
        INDArray z = TestArrays.normal(DataType.FLOAT, 1, 2, WIDTH);
        INDArray other = TestArrays.normal(DataType.FLOAT, 2, 2, WIDTH);
        INDArray broken = TestArrays.normal(DataType.FLOAT, 2, 2, WIDTH);
        broken.putScalar(1, 3, Double.NaN);
        try (BarlowTwinsLoss loss = new BarlowTwinsLoss(options);
                MicroBatches parts = loss.parts(4, WIDTH, DataType.FLOAT)) {
            parts.add(z, other);
            assertThatThrownBy(parts::loss)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("The batch has 4 rows, but 2 were added");
            assertThatThrownBy(() -> parts.add(z, broken))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("z2 must be finite, but has NaN at [1, 3]");
            INDArray three = TestArrays.normal(DataType.FLOAT, 2, 3, WIDTH);
            assertThatThrownBy(() -> parts.add(three, three))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("z1 must have at most 2 rows, what is left of the batch, but has 3");
            INDArray narrow = TestArrays.normal(DataType.FLOAT, 2, 2, 3);
            assertThatThrownBy(() -> parts.add(narrow, narrow))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("z1 must be [..., 8], but has shape [2, 3]");
            INDArray doubles = TestArrays.normal(DataType.DOUBLE, 2, 2, WIDTH);
            assertThatThrownBy(() -> parts.add(doubles, doubles))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("z1 must be FLOAT, but is DOUBLE");
            parts.add(other, z);
            double value = parts.loss().value();
            parts.gradients(z, other);
            assertThatThrownBy(() -> parts.add(z, other))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("The second pass has given gradients of 2 rows out of 4");
            parts.clear();
            parts.add(z, other);
            parts.add(other, z);
            assertThat(parts.loss().value()).isEqualTo(value);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = DataType.class,
            names = {"FLOAT", "DOUBLE"})
    void severalDevicesShareTheirMomentsAndGetTheExactGradients(DataType type) {
        LossOptions options = new LossOptions(0.2, 0.7, 1e-5, LossForm.CORRELATION);
        INDArray z1 = TestArrays.normal(type, 1, BATCH, WIDTH).addi(5);
        INDArray z2 = TestArrays.normal(type, 2, BATCH, WIDTH).addi(z1);
        int cut = 5;
        try (BarlowTwinsLoss loss = new BarlowTwinsLoss(options);
                Memory memory = new Memory(type);
                CrossMoments here = new CrossMoments(type, WIDTH);
                CrossMoments there = new CrossMoments(type, WIDTH);
                CrossMoments gathered = new CrossMoments(type, WIDTH)) {
            LossResult whole = loss.of(z1, z2);
            INDArray own1 = memory.slices(z1, 0, cut);
            INDArray own2 = memory.slices(z2, 0, cut);
            here.add(own1, own2);
            there.add(memory.slices(z1, cut, BATCH), memory.slices(z2, cut, BATCH));
            gathered.merge(there);
            gathered.merge(here);
            here.merge(there);
            assertThat(here.count()).isEqualTo(BATCH);
            assertThat(error(gathered.cross(), here.cross())).isLessThan(1e-5);
            try (Correlation correlation = Correlation.of(here, options)) {
                INDArray gradient1 = TestArrays.blank(type, cut, WIDTH);
                INDArray gradient2 = TestArrays.blank(type, cut, WIDTH);
                correlation.gradients(own1, own2, gradient1, gradient2);

                assertThat(correlation.value().value()).isCloseTo(whole.value(), within(1e-5 * whole.value()));
                assertThat(error(gradient1, memory.slices(whole.gradient1(), 0, cut)))
                        .isLessThan(1e-5);
                assertThat(error(gradient2, memory.slices(whole.gradient2(), 0, cut)))
                        .isLessThan(1e-5);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = DataType.class,
            names = {"FLOAT"})
    void momentsRefuseWhatDoesNotFit(DataType type) {
        try (CrossMoments moments = new CrossMoments(type, 2)) {
            INDArray one = TestArrays.normal(type, 1, 1, 2);
            moments.add(one, one);
            assertThatThrownBy(() -> Correlation.of(moments, LossOptions.defaults()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("The batch must have at least 2 rows, but has 1");
            INDArray column = TestArrays.blank(type, 2, 1);
            assertThatThrownBy(() -> moments.merge(0, column, column, column, column, column))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("otherCount must be positive, but is 0");
            assertThatThrownBy(() -> moments.merge(1, column, column, column, column, column))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("otherCross must have shape [2, 2], but has [2, 1]");
            assertThat(moments.count()).isEqualTo(1);
        }
        assertThatThrownBy(() -> new CrossMoments(type, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("width must be positive, but is 0");
    }

    private static void run(
            MicroBatches parts, INDArray z1, INDArray z2, int size, INDArray gradient1, INDArray gradient2) {
        try (Memory memory = new Memory(z1.dataType())) {
            for (int from = 0; from < BATCH; from += size) {
                int to = Math.min(BATCH, from + size);
                parts.add(memory.slices(z1, from, to), memory.slices(z2, from, to));
            }
            for (int from = 0; from < BATCH; from += size) {
                int to = Math.min(BATCH, from + size);
                LossGradients part = parts.gradients(memory.slices(z1, from, to), memory.slices(z2, from, to));
                memory.ops().copy(part.first(), memory.slices(gradient1, from, to));
                memory.ops().copy(part.second(), memory.slices(gradient2, from, to));
            }
        }
    }

    private static double error(INDArray x, INDArray y) {
        return TestArrays.difference(numbers(x), numbers(y)) / y.amaxNumber().doubleValue();
    }
}
