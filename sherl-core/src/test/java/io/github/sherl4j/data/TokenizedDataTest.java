package io.github.sherl4j.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TokenizedDataTest {

    private static final TextData DATA = TextData.of(List.of(
            new TextExample("you won", null, "spam"),
            new TextExample("call my friend at noon", null, "ham"),
            new TextExample("free money", "now !", "spam")));

    private TextTokenizer tokenizer;

    @BeforeEach
    void load() throws IOException {
        tokenizer = TinyTokenizer.load();
    }

    @AfterEach
    void close() {
        tokenizer.close();
    }

    @Test
    void labelsBecomeTheirPlaces() {
        TokenizedData data = TokenizedData.of(DATA, tokenizer, List.of("other", "spam", "ham"), 32);

        assertThat(data.size()).isEqualTo(3);
        assertThat(data.longest()).isEqualTo(7);
        assertThat(data.label(0)).isEqualTo(1);
        assertThat(data.label(1)).isEqualTo(2);
        assertThat(data.label(2)).isEqualTo(1);
    }

    @Test
    void batchesAreRowsInTheOrderAskedFor() {
        TokenizedData data = TokenizedData.of(DATA, tokenizer, List.of("ham", "spam"), 32);

        try (TokenBatch batch = data.batch(new int[] {2, 0})) {
            assertThat(batch.ids().toIntMatrix())
                    .isEqualTo(new int[][] {{2, 12, 13, 3, 14, 43, 3}, {2, 8, 10, 3, 0, 0, 0}});
            assertThat(batch.types().toIntMatrix())
                    .isEqualTo(new int[][] {{0, 0, 0, 0, 1, 1, 1}, {0, 0, 0, 0, 0, 0, 0}});
            assertThat(batch.labels()).containsExactly(1, 1);
        }
    }

    @Test
    void maxLengthLimitsEveryExample() {
        TokenizedData data = TokenizedData.of(DATA, tokenizer, List.of("ham", "spam"), 5);

        assertThat(data.longest()).isEqualTo(5);
    }

    @Test
    void plansCoverAllExamples() {
        TokenizedData data = TokenizedData.of(
                List.of(ofLength(4), ofLength(9), ofLength(6), ofLength(5), ofLength(8)), new int[] {0, 1, 2, 3, 4});

        assertThat(data.plan(2, 1)).hasSize(3).first().isEqualTo(new int[] {1, 4});
        assertThat(data.plan(2, 1).stream().mapToInt(batch -> batch.length).sum())
                .isEqualTo(5);
        assertThat(data.sequentialPlan(2)).containsExactly(new int[] {1, 4}, new int[] {2, 3}, new int[] {0});
    }

    @Test
    void tokenizedTextsMayHaveNoLabels() {
        TokenizedData data = TokenizedData.of(List.of(ofLength(4), ofLength(3)), new int[0]);

        try (TokenBatch batch = data.batch(new int[] {1})) {
            assertThat(batch.labels()).isEmpty();
            assertThat(batch.tokens()).isEqualTo(3);
        }
        assertThatIllegalStateException().isThrownBy(() -> data.label(0)).withMessageContaining("no labels");
    }

    @Test
    void unknownLabelsAreListedBeforeAnythingIsTokenized() {
        tokenizer.close();

        assertThatIllegalArgumentException()
                .isThrownBy(() -> TokenizedData.of(DATA, tokenizer, List.of("spam", "egg"), 32))
                .withMessageContaining("examples[1] has the label \"ham\": expected one of \"spam\", \"egg\"");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TokenizedData.of(DATA, tokenizer, List.of("spam", "ham", "spam"), 32))
                .withMessageContaining("labels has \"spam\" twice");
    }

    @Test
    void wrongIndicesAndLabelsAreNamed() {
        TokenizedData data = TokenizedData.of(List.of(ofLength(4)), new int[] {0});

        assertThatIllegalArgumentException()
                .isThrownBy(() -> data.batch(new int[] {0, 1}))
                .withMessageContaining("index is 1: expected 0 to 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> data.batch(new int[0]))
                .withMessageContaining("texts is empty");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> data.label(-1))
                .withMessageContaining("index is -1: expected 0 to 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TokenizedData.of(List.of(ofLength(4)), new int[] {-1}))
                .withMessageContaining("labels[0] is -1");
    }

    private static TokenizedText ofLength(int tokens) {
        return new TokenizedText(new int[tokens], new int[tokens]);
    }
}
