package io.github.sherl4j.barlow.pretrain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class SuggestedSettingsTest {
    @Test
    void atThePapersOwnSizesTheyAreThePapers() {
        SuggestedSettings settings = SuggestedSettings.of(2048, 8192);

        assertThat(settings.weightRate()).isEqualTo(1.6);
        assertThat(settings.lambda()).isEqualTo(0.0051);
        assertThat(settings.accuracy()).isEqualTo(71.4);
        // The published scale of the vectors' rate, 0.0048 / 0.2, is this scale of the loss.
        assertThat(settings.scale()).isCloseTo(0.0048 / 0.2, within(1e-4));
        assertThat(settings.vectorRate()).isEqualTo(1.6);
        assertThat(settings.loneLambda()).isEqualTo(1.0 / 8192);
    }

    @Test
    void betweenRowsTheyFollowTheLogarithmOfTheBatch() {
        double half = Math.sqrt(256.0 * 512);
        SuggestedSettings settings = SuggestedSettings.of((int) Math.round(half), 512);

        assertThat(settings.weightRate()).isCloseTo(0.35 * half / 256, within(1e-3));
        assertThat(settings.accuracy()).isCloseTo(71.05, within(1e-2));
        assertThat(SuggestedSettings.of(64, 512).weightRate()).isEqualTo(0.7 * 64 / 256);
        assertThat(SuggestedSettings.of(8192, 512).weightRate()).isEqualTo(0.2 * 8192 / 256);
        SuggestedSettings.published()
                .forEach(
                        row -> assertThat(SuggestedSettings.of(row.batch(), 512).weightRate())
                                .isEqualTo(row.baseRate() * row.batch() / 256));
    }

    @Test
    void refusesABatchOfOneAndNoWidth() {
        assertThatThrownBy(() -> SuggestedSettings.of(1, 512))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("batch must be at least 2, but is 1");
        assertThatThrownBy(() -> SuggestedSettings.of(2, 0)).hasMessage("width must be at least 1, but is 0");
    }
}
