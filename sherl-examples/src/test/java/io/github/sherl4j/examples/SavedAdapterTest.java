package io.github.sherl4j.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sherl4j.data.TextData;
import io.github.sherl4j.data.TextExample;
import io.github.sherl4j.route.Prediction;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class SavedAdapterTest {
    private static final Path FOLDER = Path.of("adapter");
    private static final List<String> LABELS = List.of("ham", "spam");
    private static final Prediction HAM = new Prediction("ham", 0.75, LABELS, List.of(0.75, 0.25));
    private static final Prediction SPAM = new Prediction("spam", 0.5001, LABELS, List.of(0.4999, 0.5001));

    @Test
    void acceptsEqualPredictions() {
        assertThatCode(() -> SavedAdapter.requireSame(List.of(HAM, SPAM), List.of(HAM, SPAM), FOLDER))
                .doesNotThrowAnyException();
    }

    @Test
    void namesFirstDifference() {
        assertThatThrownBy(() -> SavedAdapter.requireSame(List.of(HAM, SPAM), List.of(HAM, HAM), FOLDER))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("ham (0.7500) instead of spam (0.5001) for test text 2");
    }

    @Test
    void namesMissingPredictions() {
        assertThatThrownBy(() -> SavedAdapter.requireSame(List.of(HAM, SPAM), List.of(HAM), FOLDER))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("adapter gave 1 predictions instead of 2");
    }

    @Test
    void showsOneTextOfEachLabel() {
        TextData data = TextData.of(List.of(
                new TextExample("lunch?", null, "ham"),
                new TextExample("dinner?", null, "ham"),
                new TextExample("win ".repeat(20), null, "spam")));

        String shown = SavedAdapter.examples(TextTask.of("mails", data, data), List.of(HAM, HAM, SPAM));

        assertThat(shown.lines())
                .containsExactly(
                        "  ham (0.7500), really ham: lunch?",
                        "  spam (0.5001), really spam: " + "win ".repeat(20).substring(0, 70) + "...");
    }
}
