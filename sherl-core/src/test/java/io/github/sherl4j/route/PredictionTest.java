package io.github.sherl4j.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.sherl4j.backbone.bert.BertBackbone;
import io.github.sherl4j.backbone.bert.TinyBert;
import io.github.sherl4j.data.TextExample;
import io.github.sherl4j.tuning.HeadOnly;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;

class PredictionTest {
    private static final List<String> LABELS = List.of("ham", "spam");
    private static final ClassifierOptions OPTIONS =
            ClassifierOptions.of(LABELS).withMaxLength(12);
    private static final List<String> TEXTS =
            List.of("You won a prize!", "the cat sat on the mat.", "free money now", "call", "my friend walked");

    @Test
    void namesTheMostProbableLabel() {
        Prediction prediction = Prediction.of(List.of("a", "b", "c"), new double[] {0.2, 0.5, 0.3});

        assertThat(prediction.label()).isEqualTo("b");
        assertThat(prediction.probability()).isEqualTo(0.5);
        assertThat(prediction.labels()).containsExactly("a", "b", "c");
        assertThat(prediction.probabilities()).containsExactly(0.2, 0.5, 0.3);
    }

    @Test
    void predictsEachTextInOrderWhateverItsCompany() {
        try (BertBackbone bert = TinyBert.of(TinyBert.config(2), TinyBert.tokenizer(), DataType.DOUBLE);
                SherlModel model = SherlModel.classifier(bert, SherlConfig.defaults(), OPTIONS)) {
            List<Prediction> together = model.predict(TEXTS);

            assertThat(together).hasSize(TEXTS.size());
            for (int i = 0; i < TEXTS.size(); i++) {
                Prediction alone = model.predict(List.of(TEXTS.get(i))).get(0);
                assertThat(together.get(i).label()).isEqualTo(alone.label());
                assertThat(together.get(i).probability()).isCloseTo(alone.probability(), within(1e-9));
                assertThat(alone.probabilities().get(0) + alone.probabilities().get(1))
                        .isCloseTo(1, within(1e-9));
            }
            assertThat(together.get(0).probability())
                    .isNotEqualTo(together.get(1).probability());
            assertThat(model.predict(List.of())).isEmpty();
            TextExample pair = new TextExample("free money", "the cat", null);
            assertThat(model.predictExamples(List.of(pair)).get(0).probabilities())
                    .isNotEqualTo(model.predict(List.of("free money")).get(0).probabilities());
        }
    }

    @Test
    void severalThreadsPredictWhatOneDoes() throws Exception {
        try (BertBackbone bert = TinyBert.of(TinyBert.config(2), TinyBert.tokenizer(), DataType.FLOAT);
                SherlModel model = SherlModel.classifier(bert, SherlConfig.defaults(), OPTIONS)) {
            List<Prediction> expected = model.predict(TEXTS);
            ExecutorService threads = Executors.newFixedThreadPool(4);
            try {
                Callable<List<Prediction>> task = () -> {
                    List<Prediction> last = List.of();
                    for (int i = 0; i < 20; i++) {
                        last = model.predict(TEXTS);
                        assertThat(last).isEqualTo(expected);
                    }
                    return last;
                };
                List<Future<List<Prediction>>> results = threads.invokeAll(List.of(task, task, task, task));
                for (Future<List<Prediction>> result : results) {
                    assertThat(result.get()).isEqualTo(expected);
                }
            } finally {
                threads.shutdownNow();
            }
        }
    }

    @Test
    void refusesATextWithoutContentAndATextWithoutTokenizer() {
        try (BertBackbone bert = TinyBert.of(TinyBert.config(1), TinyBert.tokenizer(), DataType.FLOAT);
                BertBackbone withoutTokenizer = TinyBert.of(DataType.FLOAT, 1);
                TextClassifier model = HeadOnly.classifier(bert, OPTIONS);
                TextClassifier other = HeadOnly.classifier(withoutTokenizer, OPTIONS)) {
            for (String empty : new String[] {"", "  \n"}) {
                assertThatThrownBy(() -> model.predict(List.of("fine", empty)))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("text");
            }
            assertThatThrownBy(() -> other.predict(TEXTS))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("without a tokenizer");
        }
    }

    @Test
    void longTextsAreCut() {
        try (BertBackbone bert = TinyBert.of(TinyBert.config(1), TinyBert.tokenizer(), DataType.FLOAT);
                TextClassifier model = HeadOnly.classifier(bert, OPTIONS)) {
            String start = "the cat sat on the mat the dog sat on";
            List<Prediction> predictions =
                    new ArrayList<>(model.predict(List.of(start, start + " the mat and the mat and the mat")));
            assertThat(predictions.get(1)).isEqualTo(predictions.get(0));
        }
    }
}
