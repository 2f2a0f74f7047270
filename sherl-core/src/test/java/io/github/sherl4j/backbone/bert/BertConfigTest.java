package io.github.sherl4j.backbone.bert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class BertConfigTest {
    @Test
    void publishedSizes() {
        assertThat(BertConfig.base()).isEqualTo(new BertConfig(30522, 512, 2, 768, 12, 12, 3072, 1e-12));
        assertThat(BertConfig.miniLm()).isEqualTo(new BertConfig(30522, 512, 2, 384, 6, 12, 1536, 1e-12));
    }

    @Test
    void refusesOtherSizes() {
        assertRefused("vocabulary must be positive, but is 0", () -> new BertConfig(0, 1, 1, 4, 1, 2, 1, 1));
        assertRefused("positions must be positive, but is 0", () -> new BertConfig(1, 0, 1, 4, 1, 2, 1, 1));
        assertRefused("types must be positive, but is -1", () -> new BertConfig(1, 1, -1, 4, 1, 2, 1, 1));
        assertRefused("width must be positive, but is 0", () -> new BertConfig(1, 1, 1, 0, 1, 2, 1, 1));
        assertRefused("layers must be positive, but is 0", () -> new BertConfig(1, 1, 1, 4, 0, 2, 1, 1));
        assertRefused("heads must divide the width 4, but is 3", () -> new BertConfig(1, 1, 1, 4, 1, 3, 1, 1));
        assertRefused("heads must divide the width 4, but is 0", () -> new BertConfig(1, 1, 1, 4, 1, 0, 1, 1));
        assertRefused("hidden must be positive, but is 0", () -> new BertConfig(1, 1, 1, 4, 1, 2, 0, 1));
        assertRefused("normEps must be positive, but is 0.0", () -> new BertConfig(1, 1, 1, 4, 1, 2, 1, 0));
    }

    private static void assertRefused(String message, Runnable work) {
        assertThatThrownBy(work::run)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }
}
