package io.github.sherl4j.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class TextExampleTest {

    @Test
    void pairAndLabelMayBeMissing() {
        TextExample example = new TextExample("a cat", null, null);

        assertThat(example.text()).isEqualTo("a cat");
        assertThat(example.pair()).isNull();
        assertThat(example.label()).isNull();
    }

    @Test
    void blankPartsAreNamed() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new TextExample(" \n", null, null))
                .withMessageContaining("text is blank");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new TextExample("a", "", null))
                .withMessageContaining("pair is blank");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new TextExample("a", "b", "\t"))
                .withMessageContaining("label is blank");
    }
}
