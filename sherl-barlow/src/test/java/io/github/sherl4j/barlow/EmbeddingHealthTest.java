package io.github.sherl4j.barlow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.sherl4j.TestArrays;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;

class EmbeddingHealthTest {
    @Test
    void independentComponentsHaveFullRank() {
        // Columns +-1, +-2 in all combinations: variances 1 and 4, shares 0.2 and 0.8.
        EmbeddingHealth health =
                EmbeddingHealth.of(TestArrays.of(DataType.DOUBLE, new double[] {1, 2, 1, -2, -1, 2, -1, -2}, 4, 2));

        assertThat(health.deviation()).isCloseTo(1.5, within(1e-12));
        double entropy = -0.2 * Math.log(0.2) - 0.8 * Math.log(0.8);
        assertThat(health.effectiveRank()).isCloseTo(Math.exp(entropy), within(1e-9));
        assertThat(health.largestRank()).isEqualTo(2);
        assertThat(health.collapsed()).isFalse();
    }

    @Test
    void wideNoiseIsHealthy() {
        EmbeddingHealth health = EmbeddingHealth.of(TestArrays.normal(DataType.FLOAT, 3, 200, 300));

        assertThat(health.largestRank()).isEqualTo(127);
        assertThat(health.effectiveRank()).isBetween(90.0, 127.0);
        assertThat(health.collapsed()).isFalse();
    }

    @Test
    void oneDirectionOrOnePointIsACollapse() {
        double[] line = new double[30];
        double[] point = new double[30];
        for (int i = 0; i < 30; i++) {
            line[i] = i / 3 * (1 + i % 3);
            point[i] = i % 3;
        }
        EmbeddingHealth direction = EmbeddingHealth.of(TestArrays.of(DataType.DOUBLE, line, 10, 3));
        EmbeddingHealth same = EmbeddingHealth.of(TestArrays.of(DataType.DOUBLE, point, 10, 3));

        assertThat(direction.effectiveRank()).isCloseTo(1, within(1e-6));
        assertThat(direction.collapsed()).isTrue();
        assertThat(same.deviation()).isZero();
        assertThat(same.effectiveRank()).isZero();
        assertThat(same.collapsed()).isTrue();
    }

    @Test
    void refusesASingleRow() {
        assertThatThrownBy(() -> EmbeddingHealth.of(TestArrays.normal(DataType.FLOAT, 1, 1, 3)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("z must be [rows, width] of at least 2 rows, but has shape [1, 3]");
    }
}
