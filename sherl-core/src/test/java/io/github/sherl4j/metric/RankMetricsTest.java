package io.github.sherl4j.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class RankMetricsTest {
    @Test
    void sumsUpRanks() {
        int[] ranks = {7, 1, 5, 11, 10, 1, 6, 100};

        RankMetrics metrics = RankMetrics.of(ranks);

        assertThat(metrics).isEqualTo(new RankMetrics(25, 37.5, 75, 6.5, 141 / 8.0));
        assertThat(metrics.recallSum()).isEqualTo(137.5);
        assertThat(ranks).containsExactly(7, 1, 5, 11, 10, 1, 6, 100);
        assertThat(RankMetrics.of(3, 9, 1).medianRank()).isEqualTo(3);
        assertThat(RankMetrics.of(1)).isEqualTo(new RankMetrics(100, 100, 100, 1, 1));
    }

    @Test
    void refusesWhatIsNoRank() {
        assertThatThrownBy(RankMetrics::of)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("ranks must be of at least one query, but are none");
        assertThatThrownBy(() -> RankMetrics.of(1, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("ranks must be 1 or more, but one is 0");
    }
}
