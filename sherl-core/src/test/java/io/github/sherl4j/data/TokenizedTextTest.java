package io.github.sherl4j.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class TokenizedTextTest {

    @Test
    void isEqualByItsNumbers() {
        TokenizedText text = new TokenizedText(new int[] {2, 7, 3}, new int[] {0, 0, 0});

        assertThat(text.length()).isEqualTo(3);
        assertThat(text).isEqualTo(new TokenizedText(new int[] {2, 7, 3}, new int[] {0, 0, 0}));
        assertThat(text).hasSameHashCodeAs(new TokenizedText(new int[] {2, 7, 3}, new int[] {0, 0, 0}));
        assertThat(text).isNotEqualTo(new TokenizedText(new int[] {2, 8, 3}, new int[] {0, 0, 0}));
        assertThat(text).isNotEqualTo(new TokenizedText(new int[] {2, 7, 3}, new int[] {0, 1, 0}));
        assertThat(text).hasToString("TokenizedText[ids=[2, 7, 3], types=[0, 0, 0]]");
    }

    @Test
    void malformedArraysAreNamed() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new TokenizedText(new int[0], new int[0]))
                .withMessageContaining("ids is empty");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new TokenizedText(new int[2], new int[3]))
                .withMessageContaining("types has 3 entries: expected one per token, 2");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new TokenizedText(new int[] {1, -4}, new int[2]))
                .withMessageContaining("ids[1] is -4");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new TokenizedText(new int[2], new int[] {0, -1}))
                .withMessageContaining("types[1] is -1");
    }
}
