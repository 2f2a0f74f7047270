package io.github.sherl4j.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.RecordComponent;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.learning.config.Sgd;

class TrainConfigTest {
    private static final RateShape SHAPE = RateShape.constant(0);

    static Stream<Arguments> changes() {
        return Stream.of(
                change("epochs", 9, config -> config.withEpochs(9)),
                change("batchSize", 9, config -> config.withBatchSize(9)),
                change("accumulation", 9, config -> config.withAccumulation(9)),
                change("peakRate", 0.9, config -> config.withPeakRate(0.9)),
                change("rateShape", SHAPE, config -> config.withRateShape(SHAPE)),
                change("optimizer", OptimizerConfig.adamW(0.9), config -> config.withWeightDecay(0.9)),
                change("optimizer", OptimizerConfig.lars(), c -> c.withOptimizer(OptimizerConfig.lars(), 0.001)),
                change("clipNorm", 0.9, config -> config.withClipNorm(0.9)),
                change("seed", 9L, config -> config.withSeed(9)),
                change("patience", 9, config -> config.withPatience(9)),
                change("keepBest", false, config -> config.withKeepBest(false)));
    }

    @ParameterizedTest
    @MethodSource("changes")
    void changesOneComponent(String name, Object value, UnaryOperator<TrainConfig> change)
            throws ReflectiveOperationException {
        TrainConfig before = TrainConfig.defaults();
        TrainConfig after = change.apply(before);

        for (RecordComponent component : TrainConfig.class.getRecordComponents()) {
            Object expected = component.getAccessor().invoke(before);
            Object actual = component.getAccessor().invoke(after);
            if (component.getName().equals(name)) {
                assertThat(actual).isEqualTo(value).isNotEqualTo(expected);
            } else {
                assertThat(actual).as(component.getName()).isEqualTo(expected);
            }
        }
    }

    @Test
    void updaterComesWithItsRateAndIsCopied() {
        Sgd updater = new Sgd(0.5);

        TrainConfig config = TrainConfig.defaults().withUpdater(updater, 0.25);
        updater.setLearningRate(7);

        assertThat(config.updater()).isEqualTo(new Sgd(0.5)).isNotSameAs(config.updater());
        assertThat(config.peakRate()).isEqualTo(0.25);
    }

    static Stream<Arguments> mistakes() {
        return Stream.of(
                mistake("epochs must be positive, but is 0", config -> config.withEpochs(0)),
                mistake("batchSize must be positive, but is 0", config -> config.withBatchSize(0)),
                mistake("accumulation must be from 1 to batchSize = 32, but is 33", c -> c.withAccumulation(33)),
                mistake("accumulation must be from 1 to batchSize = 32, but is 0", c -> c.withAccumulation(0)),
                mistake("peakRate must be positive, but is 0.0", config -> config.withPeakRate(0)),
                mistake("peakRate must be positive, but is Infinity", c -> c.withPeakRate(Double.POSITIVE_INFINITY)),
                mistake("weightDecay must be finite and not negative, but is -0.1", c -> c.withWeightDecay(-0.1)),
                mistake("less than 1 / peakRate = 1000.0, but is 1000.0", config -> config.withWeightDecay(1000)),
                mistake("clipNorm must be positive, or 0 for no clipping, but is NaN", c -> c.withClipNorm(Double.NaN)),
                mistake("clipNorm must be positive, or 0 for no clipping, but is -1.0", c -> c.withClipNorm(-1)),
                mistake("patience must not be negative, but is -1", config -> config.withPatience(-1)));
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void refusesImpossibleNumbers(String message, UnaryOperator<TrainConfig> change) {
        assertThatThrownBy(() -> change.apply(TrainConfig.defaults()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    @Test
    void takesTheSmallestAndLargestNumbersThatItNames() {
        TrainConfig config = TrainConfig.defaults().withAccumulation(32).withClipNorm(0);
        assertThat(config.accumulation()).isEqualTo(config.batchSize());
        assertThat(config.clipNorm()).isZero();
        assertThat(config.withWeightDecay(0.25).weightDecay()).isEqualTo(0.25);
    }

    private static Arguments change(String name, Object value, UnaryOperator<TrainConfig> change) {
        return Arguments.of(name, value, change);
    }

    private static Arguments mistake(String message, UnaryOperator<TrainConfig> change) {
        return Arguments.of(message, change);
    }
}
