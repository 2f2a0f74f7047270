package io.github.sherl4j.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class GroundingMetricsTest {
    private static final double[] LEFT = {0.25, 0.5, 0.5, 1};
    private static final double[] RIGHT = {0.75, 0.5, 0.5, 1};

    @Test
    void countsPhrasesByTheRankOfTheirFirstRightBox() {
        GroundingMetrics metrics = new GroundingMetrics();
        metrics.add(List.of(LEFT, RIGHT), List.of(LEFT));
        metrics.add(List.of(LEFT, RIGHT), List.of(RIGHT));
        metrics.add(List.of(LEFT, LEFT), List.of(RIGHT));
        metrics.add(List.of(new double[] {0.3, 0.5, 0.5, 1}), List.of(RIGHT, LEFT)); // 0.45 / 0.55 of the left one
        assertThat(metrics.phrases()).isEqualTo(4);
        assertThat(metrics.accuracy()).isEqualTo(0.5);
        assertThat(metrics.recall(1)).isEqualTo(0.5);
        assertThat(metrics.recall(5)).isEqualTo(0.75);
        assertThat(metrics.recall(10)).isEqualTo(0.75);
    }

    @Test
    void anOverlapOfLessThanHalfIsNotEnough() {
        GroundingMetrics metrics = new GroundingMetrics();
        metrics.add(List.of(new double[] {0.5, 0.5, 0.5, 1}), List.of(LEFT)); // a third
        assertThat(metrics.accuracy()).isZero();
    }

    @Test
    void anOverlapOfExactlyHalfIsEnough() {
        GroundingMetrics metrics = new GroundingMetrics();
        metrics.add(List.of(new double[] {0.125, 0.5, 0.25, 1}), List.of(LEFT));
        assertThat(metrics.accuracy()).isEqualTo(1);
    }

    @Test
    void refusesWhatCannotBeMeasured() {
        GroundingMetrics metrics = new GroundingMetrics();
        assertThatThrownBy(metrics::accuracy).hasMessage("there must be a phrase to measure, but is none");
        assertThatThrownBy(() -> metrics.add(List.of(LEFT), List.of()))
                .hasMessage("right must be at least one box, but are none");
        metrics.add(List.of(LEFT), List.of(LEFT));
        assertThatThrownBy(() -> metrics.recall(0)).hasMessage("k must be at least 1, but is 0");
    }
}
