package io.github.sherl4j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sherl4j.data.TextData;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class SpamDataTest {
    @Test
    void readsAllMails() throws IOException {
        TextTask task = SpamData.load();

        assertThat(task.name()).isEqualTo("spam");
        assertThat(task.labels()).containsExactly("ham", "spam");
        assertThat(task.train().size()).isEqualTo(1500);
        assertThat(spam(task.train())).isEqualTo(750);
        assertThat(task.test().size()).isEqualTo(1000);
        assertThat(spam(task.test())).isEqualTo(250);
    }

    private static long spam(TextData data) {
        return data.examples().stream()
                .filter(mail -> "spam".equals(mail.label()))
                .count();
    }
}
