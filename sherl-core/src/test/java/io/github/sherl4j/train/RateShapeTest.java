package io.github.sherl4j.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class RateShapeTest {
    @Test
    void warmUpIsAShareOfAllSteps() {
        assertThat(RateShape.linear(0.1).over(0.5, 10, 30)).isEqualTo(Schedules.linear(0.5, 3, 30));
        assertThat(RateShape.linear(0.06).over(0.5, 10, 30)).isEqualTo(Schedules.linear(0.5, 2, 30));
        assertThat(RateShape.constant(0.2).over(0.5, 10, 30)).isEqualTo(Schedules.constant(0.5, 6));
        assertThat(RateShape.constant(0).over(0.5, 10, 30)).isEqualTo(Schedules.constant(0.5, 0));
    }

    @Test
    void endIsAShareOfThePeak() {
        assertThat(RateShape.cosine(0.1, 0.5).over(0.5, 10, 30)).isEqualTo(Schedules.cosine(0.5, 0.25, 3, 30));
    }

    @Test
    void stepDecayCountsEpochs() {
        assertThat(RateShape.stepDecay(2, 0.1).over(0.5, 10, 30)).isEqualTo(Schedules.step(0.5, 0.1, 20, 0));
        assertThat(RateShape.stepDecay(1, 1).over(0.5, 10, 30)).isEqualTo(Schedules.step(0.5, 1, 10, 0));
    }

    @Test
    void warmUpInEpochsEndsWithTheTraining() {
        assertThat(RateShape.warmUpCosine(2, 0.5).over(0.5, 10, 30))
                .isEqualTo(new WarmUpCosineSchedule(0.5, 0.25, 20, 30));
        assertThat(RateShape.warmUpCosine(4, 0).over(0.5, 10, 30)).isEqualTo(new WarmUpCosineSchedule(0.5, 0, 30, 30));
        assertThat(RateShape.warmUpCosine(0, 1).over(0.5, 10, 30)).isEqualTo(new WarmUpCosineSchedule(0.5, 0.5, 0, 30));
    }

    @Test
    void refusesImpossibleNumbersAtOnce() {
        assertThatThrownBy(() -> RateShape.linear(-0.1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("warmUp must be from 0 to 1, but is -0.1");
        assertThatThrownBy(() -> RateShape.constant(1.5))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("warmUp must be from 0 to 1, but is 1.5");
        assertThatThrownBy(() -> RateShape.cosine(-0.1, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("warmUp must be from 0 to 1, but is -0.1");
        assertThatThrownBy(() -> RateShape.warmUpCosine(1, 1.5))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("end must be from 0 to 1, but is 1.5");
        assertThatThrownBy(() -> RateShape.cosine(0, 2))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("end must be from 0 to 1, but is 2.0");
        assertThatThrownBy(() -> RateShape.stepDecay(0, 0.1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("epochs must be positive, but is 0");
        assertThatThrownBy(() -> RateShape.stepDecay(1, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("factor must be above 0 and at most 1, but is 0.0");
    }
}
