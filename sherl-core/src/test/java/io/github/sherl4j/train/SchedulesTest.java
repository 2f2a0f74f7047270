package io.github.sherl4j.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.schedule.ISchedule;

class SchedulesTest {
    static ISchedule[] all() {
        return new ISchedule[] {
            Schedules.constant(0.5, 2),
            Schedules.linear(0.5, 2, 10),
            Schedules.cosine(0.5, 0.1, 2, 10),
            Schedules.step(0.5, 0.1, 3, 1)
        };
    }

    @Test
    void constantWarmsUpThenStays() {
        assertThat(rates(Schedules.constant(1, 3), 6)).containsExactly(0.25, 0.5, 0.75, 1, 1, 1);
        assertThat(rates(Schedules.constant(0.3, 0), 2)).containsExactly(0.3, 0.3);
    }

    @Test
    void linearWarmsUpThenFallsToZeroAfterTheLastStep() {
        double[] expected = {0.02, 0.04, 0.06, 0.08, 0.1, 0.09, 0.08, 0.07, 0.06, 0.05, 0.04, 0.03, 0.02, 0.01, 0, 0};

        assertThat(rates(Schedules.linear(0.1, 4, 14), 16)).containsExactly(expected, within(1e-15));
    }

    @Test
    void cosineFallsFromPeakToEnd() {
        double[] expected = {1, 0.882842712474619, 0.6, 0.317157287525381, 0.2, 0.2};

        assertThat(rates(Schedules.cosine(1, 0.2, 0, 4), 6)).containsExactly(expected, within(1e-15));
        assertThat(rates(Schedules.cosine(1, 0.2, 1, 5), 7))
                .containsExactly(
                        new double[] {0.5, 1, 0.882842712474619, 0.6, 0.317157287525381, 0.2, 0.2}, within(1e-15));
    }

    @Test
    void stepFallsAfterEachInterval() {
        assertThat(rates(Schedules.step(1, 0.1, 3, 0), 7))
                .containsExactly(new double[] {1, 1, 1, 0.1, 0.1, 0.1, 0.01}, within(1e-15));
        assertThat(rates(Schedules.step(1, 0.5, 2, 1), 5)).containsExactly(0.5, 1, 0.5, 0.5, 0.25);
    }

    @Test
    void warmUpMayTakeTheWholeTraining() {
        assertThat(rates(Schedules.linear(1, 3, 3), 5)).containsExactly(0.25, 0.5, 0.75, 0, 0);
    }

    @ParameterizedTest
    @MethodSource("all")
    void epochDoesNotMatterAndACopyIsEqual(ISchedule schedule) {
        ISchedule copy = schedule.clone();

        assertThat(copy).isEqualTo(schedule);
        for (int i = 0; i < 12; i++) {
            assertThat(copy.valueAt(i, 5)).isEqualTo(schedule.valueAt(i, 0));
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void worksInDl4jNetworksAndTheirJson(ISchedule schedule) {
        MultiLayerConfiguration configuration = new NeuralNetConfiguration.Builder()
                .updater(new Sgd(schedule))
                .list()
                .layer(new OutputLayer.Builder().nIn(2).nOut(2).build())
                .build();

        MultiLayerConfiguration read = MultiLayerConfiguration.fromJson(configuration.toJson());

        assertThat(read).isEqualTo(configuration);
        MultiLayerNetwork network = new MultiLayerNetwork(read);
        network.init();
        for (int i = 0; i < 3; i++) {
            assertThat(network.getLearningRate(0)).isEqualTo(schedule.valueAt(i, 0));
            network.fit(Nd4j.ones(1, 2), Nd4j.create(new double[][] {{0, 1}}));
        }
    }

    @Test
    void refusesImpossibleNumbers() {
        assertRefused(() -> Schedules.constant(0, 1), "peak rate must be positive, but is 0.0");
        assertRefused(() -> Schedules.step(Double.NaN, 0.1, 3, 0), "peak rate must be positive, but is NaN");
        assertRefused(() -> Schedules.cosine(0.1, 0.2, 0, 4), "end must be from 0 to the peak rate 0.1, but is 0.2");
        assertRefused(() -> Schedules.linear(1, 0, 0), "steps must be positive, but is 0");
        assertRefused(() -> Schedules.linear(1, 5, 4), "warmUp must be from 0 to steps = 4, but is 5");
        assertRefused(() -> Schedules.constant(1, -1), "warmUp must be from 0 to steps = 1, but is -1");
        assertRefused(() -> Schedules.step(1, 2, 3, 0), "factor must be above 0 and at most 1, but is 2.0");
        assertRefused(() -> Schedules.step(1, 0.1, 0, 0), "interval must be positive, but is 0");
        assertRefused(() -> Schedules.step(1, 0.1, 3, 4), "warmUp must be from 0 to interval = 3, but is 4");
    }

    private static double[] rates(ISchedule schedule, int count) {
        return IntStream.range(0, count)
                .mapToDouble(i -> schedule.valueAt(i, 0))
                .toArray();
    }

    private static void assertRefused(ThrowingCallable call, String message) {
        assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class).hasMessageContaining(message);
    }
}
