package io.github.sherl4j.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class AdapterOptionsTest {
    @Test
    void thePublishedTextAdapter() {
        assertThat(AdapterOptions.vseText(512)).isEqualTo(new AdapterOptions(512, 1e-5, 1e-12, 1e-8, 0.1, 0.1));
        assertThat(AdapterOptions.vseText(512).withDropout(0))
                .isEqualTo(new AdapterOptions(512, 1e-5, 1e-12, 1e-8, 0.1, 0));
    }

    @Test
    void refusesOtherNumbers() {
        assertRefused("width must be positive, but is 0", () -> new AdapterOptions(0, 1, 1, 1, 1, 0));
        assertRefused("reductionEps must be positive, but is 0.0", () -> new AdapterOptions(1, 0, 1, 1, 1, 0));
        assertRefused("expansionEps must be positive, but is -1.0", () -> new AdapterOptions(1, 1, -1, 1, 1, 0));
        assertRefused("normEps must be positive, but is NaN", () -> new AdapterOptions(1, 1, 1, Double.NaN, 1, 0));
        assertRefused("gateTemperature must be positive, but is 0.0", () -> new AdapterOptions(1, 1, 1, 1, 0, 0));
        assertRefused("dropout must be in [0, 1), but is 1.0", () -> new AdapterOptions(1, 1, 1, 1, 1, 1));
        assertRefused("dropout must be in [0, 1), but is -0.1", () -> new AdapterOptions(1, 1, 1, 1, 1, -0.1));
    }

    private static void assertRefused(String message, Runnable work) {
        assertThatThrownBy(work::run)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }
}
