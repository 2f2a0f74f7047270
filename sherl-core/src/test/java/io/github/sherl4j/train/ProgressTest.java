package io.github.sherl4j.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class ProgressTest {
    private final Progress progress = new Progress();

    @Test
    void lossIsTheMeanOverExamplesOfEachEpoch() {
        progress.addStep(1, 3, 0);
        progress.addStep(5, 1, 0);
        progress.endEpoch();
        progress.addStep(0.5, 4, 0);
        progress.endEpoch();

        assertThat(progress.report().losses()).containsExactly(2.0, 0.5);
        assertThat(progress.report().epochs()).isEqualTo(2);
        assertThat(progress.report().steps()).isEqualTo(3);
    }

    @Test
    void secondsAreTheMedianWithoutTheFirstStep() {
        assertThat(secondsAfter(9)).isEqualTo(9);
        assertThat(secondsAfter(3)).isEqualTo(3);
        assertThat(secondsAfter(1)).isEqualTo(2);
        assertThat(secondsAfter(8)).isEqualTo(3);
        assertThat(secondsAfter(2)).isEqualTo(2.5, within(1e-15));
    }

    @Test
    void patienceCountsEpochsSinceTheBest() {
        assertThat(progress.stalled(1)).isFalse();
        assertThat(score(1)).isTrue();
        assertThat(score(2)).isTrue();
        assertThat(score(2)).isFalse();
        assertThat(progress.stalled(1)).isTrue();
        assertThat(progress.stalled(2)).isFalse();
        assertThat(score(1.5)).isFalse();
        assertThat(progress.stalled(2)).isTrue();
        assertThat(progress.stalled(0)).isFalse();
        assertThat(progress.report().bestEpoch()).hasValue(2);
        assertThat(progress.report().bestScore()).hasValue(2);
    }

    @Test
    void scoreThatIsNoNumberIsNeverTheBest() {
        assertThat(score(Double.NaN)).isFalse();
        assertThat(progress.report().bestEpoch()).isEmpty();
        assertThat(progress.report().bestScore()).isEmpty();
        assertThat(score(-3)).isTrue();
        assertThat(score(Double.NaN)).isFalse();
        assertThat(progress.epochReport(9, OptionalDouble.of(Double.NaN)))
                .isEqualTo(new EpochReport(
                        3, 9, 1, OptionalDouble.of(Double.NaN), OptionalInt.of(2), OptionalDouble.of(-3)));
    }

    private double secondsAfter(double seconds) {
        progress.addStep(1, 1, seconds);
        return progress.report().secondsPerStep();
    }

    private boolean score(double score) {
        progress.addStep(1, 1, 0);
        progress.endEpoch();
        return progress.addScore(score);
    }
}
