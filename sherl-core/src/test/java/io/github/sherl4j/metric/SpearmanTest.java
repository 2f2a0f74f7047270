package io.github.sherl4j.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class SpearmanTest {
    @Test
    void isOneForAnyGrowingFunction() {
        assertThat(Spearman.of(new double[] {1, 2, 3}, new double[] {-7, 0, 1e9}))
                .isEqualTo(1);
        assertThat(Spearman.of(new double[] {1, 2, 3}, new double[] {5, 4, 3})).isEqualTo(-1);
    }

    @Test
    void equalNumbersShareTheirRanks() {
        // ranks 1, 2.5, 2.5, 4 and 1, 3, 2, 4: covariance 4.5, variances 4.5 and 5
        double expected = 4.5 / Math.sqrt(4.5 * 5);
        assertThat(Spearman.of(new double[] {0, 5, 5, 9}, new double[] {1, 3, 2, 4}))
                .isCloseTo(expected, within(1e-15));
    }

    @Test
    void isNotDefinedForAConstant() {
        assertThat(Spearman.of(new double[] {1, 1, 1}, new double[] {1, 2, 3})).isNaN();
    }

    @Test
    void refusesWhatCannotBe() {
        assertThatThrownBy(() -> Spearman.of(new double[3], new double[2]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("predicted and actual must be equally many, but are 3 and 2");
        assertThatThrownBy(() -> Spearman.of(new double[1], new double[1]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("predicted must be at least 2 numbers, but are 1");
        assertThatThrownBy(() -> Spearman.of(new double[2], new double[] {1, Double.NaN}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("actual must be numbers, but entry 1 is NaN");
        assertThatThrownBy(() -> Spearman.of(new double[] {Double.NaN, 1}, new double[2]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("predicted must be numbers, but entry 0 is NaN");
    }
}
