package io.github.sherl4j.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sherl4j.backbone.bert.BertBackbone;
import io.github.sherl4j.backbone.bert.TinyBert;
import io.github.sherl4j.head.Pooling;
import io.github.sherl4j.tuning.HeadOnly;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;

class ClassifierOptionsTest {
    @Test
    void hasDefaultsAndCopies() {
        List<String> labels = new ArrayList<>(List.of("a", "b"));
        ClassifierOptions options = ClassifierOptions.of(labels);
        labels.add("c");

        assertThat(options).isEqualTo(new ClassifierOptions(List.of("a", "b"), Pooling.MEAN, 128, 0));
        assertThat(options.withPooling(Pooling.CLS).withMaxLength(7).withSeed(3))
                .isEqualTo(new ClassifierOptions(List.of("a", "b"), Pooling.CLS, 7, 3));
    }

    @Test
    void refusesLabelsAndLengthsThatMakeNoSense() {
        assertRefused("labels must be at least 2, but are [a]", () -> ClassifierOptions.of(List.of("a")));
        assertRefused(
                "labels must differ from each other, but are [a, b, a]",
                () -> ClassifierOptions.of(List.of("a", "b", "a")));
        assertRefused(
                "maxLength must be at least 3 tokens, but is 2",
                () -> ClassifierOptions.of(List.of("a", "b")).withMaxLength(2));
    }

    @Test
    void refusesALengthThatTheNetworkDoesNotTake() {
        try (BertBackbone bert = TinyBert.of(DataType.FLOAT, 1)) {
            ClassifierOptions options = ClassifierOptions.of(List.of("a", "b"));
            assertRefused(
                    "maxLength must be at most 12, the longest that this network takes, but is 128",
                    () -> HeadOnly.classifier(bert, options).close());
            HeadOnly.classifier(bert, options.withMaxLength(12)).close();
        }
    }

    private static void assertRefused(String message, Runnable work) {
        assertThatThrownBy(work::run)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }
}
