package io.github.sherl4j.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.sherl4j.NativeBytes;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.layer.ParameterGroups;
import java.util.List;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.AdaDelta;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.schedule.ISchedule;

class OptimizerTest {
    private static final TrainConfig CONFIG = TrainConfig.defaults();
    private static final ISchedule RATES = Schedules.linear(0.1, 2, 8);
    private static final double[] WEIGHTS = {1, -2, 3, 0.5};
    private static final double[] BIAS = {0.25, -0.75};

    private Parameter weight = weight(DataType.DOUBLE);
    private Parameter bias = bias(DataType.DOUBLE);
    private ParameterGroups groups = new ParameterGroups(List.of(weight, bias));

    @AfterEach
    void close() {
        groups.close();
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "0.5, 0", "0, 1", "0.5, 1"})
    void adamWithDecayIsTheFormula(double decay, double clipNorm) {
        SlowAdamW slowWeights = new SlowAdamW(WEIGHTS, decay);
        SlowAdamW slowBias = new SlowAdamW(BIAS, 0);
        TrainConfig config = CONFIG.withWeightDecay(decay).withClipNorm(clipNorm);
        try (Optimizer optimizer = new Optimizer(groups, config, RATES)) {
            for (int i = 0; i < 8; i++) {
                // The small ones show where epsilon is added.
                double[] g = {0.3 - 0.1 * i, 1e-8, -2 * i, 0.01};
                double[] h = {i - 3, 3e-9};
                double norm = Math.sqrt(DoubleStream.concat(DoubleStream.of(g), DoubleStream.of(h))
                        .map(x -> x * x)
                        .sum());
                double scale = clipNorm > 0 && norm > clipNorm ? clipNorm / norm : 1;
                double rate = RATES.valueAt(i, 0);
                slowWeights.step(g, scale, rate, i + 1);
                slowBias.step(h, scale, rate, i + 1);
                set(weight.gradient(), g);
                set(bias.gradient(), h);

                assertThat(optimizer.gradientNorm()).isEqualTo(norm, within(1e-12));
                assertThat(optimizer.step(norm, i, 0)).isEqualTo(rate);
                optimizer.zeroGradients();

                assertThat(weight.value().toDoubleVector()).containsExactly(slowWeights.p, within(1e-12));
                assertThat(bias.value().toDoubleVector()).containsExactly(slowBias.p, within(1e-12));
                assertThat(optimizer.gradientNorm()).isZero();
            }
        }
    }

    @Test
    void floatsFollowDoubles() {
        useType(DataType.FLOAT);
        SlowAdamW slow = new SlowAdamW(WEIGHTS, 0.5);
        try (Optimizer optimizer = new Optimizer(groups, CONFIG.withWeightDecay(0.5), RATES)) {
            for (int i = 0; i < 8; i++) {
                double[] g = {0.3 - 0.1 * i, 0.002, -0.1 * i, 0.01};
                slow.step(g, 1, RATES.valueAt(i, 0), i + 1);
                set(weight.gradient(), g);

                optimizer.step(optimizer.gradientNorm(), i, 0);
                optimizer.zeroGradients();
            }
        }
        assertThat(weight.value().toDoubleVector()).containsExactly(slow.p, within(1e-5));
    }

    @Test
    void anotherUpdaterTakesTheScheduledRateAndNotItsOwn() {
        Sgd updater = new Sgd(7);
        TrainConfig config = CONFIG.withWeightDecay(0.5).withClipNorm(0).withUpdater(updater, 0.1);
        try (Optimizer optimizer = new Optimizer(groups, config, Schedules.step(0.1, 0.5, 1, 0))) {
            set(weight.gradient(), 1, 2, 3, 4);
            set(bias.gradient(), -1, 10);
            optimizer.step(optimizer.gradientNorm(), 1, 0);
        }

        assertThat(weight.value().toDoubleVector())
                .containsExactly(new double[] {0.925, -2.05, 2.775, 0.2875}, within(1e-15));
        assertThat(bias.value().toDoubleVector()).containsExactly(new double[] {0.3, -1.25}, within(1e-15));
        assertThat(updater).isEqualTo(new Sgd(7));
    }

    @Test
    void decayInTheGradientPassesThroughTheUpdater() {
        TrainConfig config = CONFIG.withClipNorm(0).withOptimizer(OptimizerConfig.sgd(0.5, 0.1), 0.1);
        double[] p = WEIGHTS.clone();
        double[] v = new double[4];
        try (Optimizer optimizer = new Optimizer(groups, config, Schedules.step(0.1, 0.5, 1, 0))) {
            for (int step = 0; step < 4; step++) {
                double rate = 0.1 * Math.pow(0.5, step);
                for (int i = 0; i < 4; i++) {
                    v[i] = 0.5 * v[i] + (i + step) + 0.1 * p[i];
                    p[i] -= rate * v[i];
                }
                set(weight.gradient(), step, 1 + step, 2 + step, 3 + step);
                set(bias.gradient(), 1, 0);
                optimizer.step(optimizer.gradientNorm(), step, 0);
                assertThat(weight.value().toDoubleVector()).containsExactly(p, within(1e-14));
                optimizer.zeroGradients();
            }
        }
        // v = 1, 1.5, 1.75, 1.875
        assertThat(bias.value().getDouble(0))
                .isEqualTo(0.25 - 0.1 - 0.05 * 1.5 - 0.025 * 1.75 - 0.0125 * 1.875, within(1e-15));
        assertThat(bias.value().getDouble(1)).isEqualTo(-0.75);
    }

    @Test
    void trustRatiosAreEachParametersOwnAndOnlyOfThoseThatDecay() {
        Parameter other = Parameter.weight("other", Nd4j.createFromArray(3.0, 4.0));
        Parameter zero = Parameter.weight("zero", Nd4j.create(DataType.DOUBLE, 2));
        Parameter still = Parameter.weight("still", Nd4j.createFromArray(2.0));
        Parameter vector = Parameter.unregularized("vector", Nd4j.createFromArray(1.0));
        OptimizerConfig lars = new OptimizerConfig(new Sgd(), 0, OptimizerConfig.Decay.IN_GRADIENT, 0.1, 0.5);
        try (ParameterGroups own = new ParameterGroups(List.of(other, zero, still, vector));
                Optimizer optimizer =
                        new Optimizer(own, CONFIG.withClipNorm(0).withOptimizer(lars, 1), Schedules.constant(1, 0))) {
            set(other.gradient(), 0, 50);
            set(zero.gradient(), 0.5, 0);
            set(vector.gradient(), 4);
            optimizer.step(optimizer.gradientNorm(), 0, 0);

            // |p| = 5, so that the gradient becomes 0.1 * 5 long; without a norm its length stays
            assertThat(other.value().toDoubleVector()).containsExactly(new double[] {3, 3.5}, within(1e-14));
            assertThat(zero.value().toDoubleVector()).containsExactly(-0.5, 0);
            assertThat(still.value().toDoubleVector()).containsExactly(2);
            assertThat(vector.value().toDoubleVector()).containsExactly(1 - 0.5 * 4);
        }
    }

    @Test
    void aParametersRateFactorScalesItsRateAndItsDecay() {
        Parameter slow = Parameter.weight("slow", Nd4j.createFromArray(8.0));
        Parameter fast = Parameter.weight("fast", Nd4j.createFromArray(8.0));
        slow.rateFactor(0.1);
        TrainConfig config = CONFIG.withClipNorm(0).withWeightDecay(0.5).withUpdater(new Sgd(), 1);
        try (ParameterGroups own = new ParameterGroups(List.of(slow, fast));
                Optimizer optimizer = new Optimizer(own, config, Schedules.constant(1, 0))) {
            set(slow.gradient(), 1);
            set(fast.gradient(), 1);
            assertThat(optimizer.step(optimizer.gradientNorm(), 0, 0)).isEqualTo(1);

            assertThat(slow.value().getDouble(0)).isEqualTo(8 * 0.95 - 0.1, within(1e-14));
            assertThat(fast.value().getDouble(0)).isEqualTo(8 * 0.5 - 1, within(1e-14));
        }
    }

    @Test
    void aStepOfLarsMakesNoArrays() throws InterruptedException {
        TrainConfig config = CONFIG.withOptimizer(OptimizerConfig.lars(), 0.1);
        try (Optimizer optimizer = new Optimizer(groups, config, RATES)) {
            set(weight.gradient(), 1, 2, 3, 4);
            optimizer.step(optimizer.gradientNorm(), 1, 0);
            long before = NativeBytes.settled();
            for (int i = 0; i < 10; i++) {
                optimizer.step(optimizer.gradientNorm(), 1, 0);
            }
            assertThat(NativeBytes.settled()).isEqualTo(before);
        }
    }

    @Test
    void anUpdaterMayHaveNoRate() {
        TrainConfig config = CONFIG.withWeightDecay(0).withUpdater(new AdaDelta(), 1);
        try (Optimizer optimizer = new Optimizer(groups, config, Schedules.constant(1, 0))) {
            set(weight.gradient(), 1, 0, -1, 0);
            optimizer.step(optimizer.gradientNorm(), 0, 0);
        }

        assertThat(weight.value().getDouble(0)).isLessThan(1);
        assertThat(weight.value().getDouble(1)).isEqualTo(-2);
        assertThat(weight.value().getDouble(2)).isGreaterThan(3);
    }

    @Test
    void aRateOfZeroMovesNothing() {
        try (Optimizer optimizer = new Optimizer(groups, CONFIG, Schedules.linear(0.1, 0, 4))) {
            set(weight.gradient(), 1, 2, 3, 4);
            assertThat(optimizer.step(optimizer.gradientNorm(), 4, 0)).isZero();
        }

        assertThat(weight.value().toDoubleVector()).containsExactly(WEIGHTS);
    }

    @Test
    void clippingLeavesSmallGradientsAlone() {
        TrainConfig config = CONFIG.withWeightDecay(0).withClipNorm(10).withUpdater(new Sgd(), 1);
        try (Optimizer optimizer = new Optimizer(groups, config, Schedules.constant(1, 0))) {
            set(weight.gradient(), 6, 0, 0, 0);
            set(bias.gradient(), 0, 8);
            optimizer.step(optimizer.gradientNorm(), 0, 0);
            assertThat(weight.value().getDouble(0)).isEqualTo(1 - 6);

            set(weight.gradient(), 12, 0, 0, 0);
            set(bias.gradient(), 0, 16);
            optimizer.step(optimizer.gradientNorm(), 1, 0);
        }

        assertThat(weight.value().getDouble(0)).isEqualTo(1 - 6 - 6, within(1e-15));
        assertThat(bias.value().getDouble(1)).isEqualTo(-0.75 - 8 - 8, within(1e-15));
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT", "DOUBLE"})
    void normSurvivesGradientsWhoseSquaresDoNot(DataType type) {
        useType(type);
        double huge = type == DataType.FLOAT ? 1e30 : 1e200;
        try (Optimizer optimizer = new Optimizer(groups, CONFIG, RATES)) {
            set(weight.gradient(), huge, huge, huge, 0);
            set(bias.gradient(), 0, huge);
            assertThat(optimizer.gradientNorm() / huge).isEqualTo(2, within(1e-6));

            set(weight.gradient(), 1 / huge, 1 / huge, 1 / huge, 0);
            set(bias.gradient(), 0, 1 / huge);
            assertThat(optimizer.gradientNorm() * huge).isEqualTo(2, within(1e-6));

            set(bias.gradient(), Double.NaN, 0);
            assertThat(optimizer.gradientNorm()).isNaN();

            set(bias.gradient(), 0, Double.NEGATIVE_INFINITY);
            assertThat(optimizer.gradientNorm()).isInfinite();
        }
    }

    @Test
    void normOfManyFloatsIsExact() {
        int length = 1 << 22;
        try (ParameterGroups many =
                        new ParameterGroups(List.of(Parameter.weight("many", Nd4j.create(DataType.FLOAT, length))));
                Optimizer optimizer = new Optimizer(many, CONFIG, RATES)) {
            many.groups().get(0).gradients().assign(0.1);

            assertThat(optimizer.gradientNorm()).isEqualTo(0.1 * Math.sqrt(length), within(2e-4));
        }
    }

    @Test
    void gradientsStartAtZero() {
        set(weight.gradient(), 1, 2, 3, Double.NaN);
        try (Optimizer optimizer = new Optimizer(groups, CONFIG, RATES)) {
            assertThat(optimizer.gradientNorm()).isZero();
        }
    }

    @Test
    void refusesAnUnusableRateBeforeAnythingChanges() {
        ISchedule broken = new BrokenSchedule();
        try (Optimizer optimizer = new Optimizer(groups, CONFIG, broken)) {
            set(weight.gradient(), 1, 2, 3, 4);

            assertThatThrownBy(() -> optimizer.step(1, 5, 0))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("must not be negative, but the schedule gives -1.0 at iteration 5");
        }
        assertThat(weight.value().toDoubleVector()).containsExactly(WEIGHTS);
    }

    @Test
    void refusesHalfPrecision() {
        useType(DataType.FLOAT16);

        assertThatThrownBy(() -> new Optimizer(groups, CONFIG, RATES))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("must be FLOAT or DOUBLE, but are HALF");
    }

    private void useType(DataType type) {
        groups.close();
        weight = weight(type);
        bias = bias(type);
        groups = new ParameterGroups(List.of(weight, bias));
    }

    private static Parameter weight(DataType type) {
        return Parameter.weight("weight", Nd4j.createFromArray(WEIGHTS).castTo(type));
    }

    private static Parameter bias(DataType type) {
        return Parameter.unregularized("bias", Nd4j.createFromArray(BIAS).castTo(type));
    }

    private static void set(INDArray array, double... numbers) {
        for (int i = 0; i < numbers.length; i++) {
            array.putScalar(i, numbers[i]);
        }
    }

    private static final class BrokenSchedule implements ISchedule {
        private static final long serialVersionUID = 1;

        @Override
        public double valueAt(int iteration, int epoch) {
            return -1;
        }

        @Override
        public BrokenSchedule clone() {
            return this;
        }
    }
}
