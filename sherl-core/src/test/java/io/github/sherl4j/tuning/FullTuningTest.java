package io.github.sherl4j.tuning;

import static io.github.sherl4j.TestArrays.numbers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sherl4j.CentralDifferences;
import io.github.sherl4j.TestArrays;
import io.github.sherl4j.backbone.bert.BertBackbone;
import io.github.sherl4j.backbone.bert.TinyBert;
import io.github.sherl4j.data.TokenBatch;
import io.github.sherl4j.head.Pooling;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.route.ClassifierOptions;
import io.github.sherl4j.route.TextClassifier;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class FullTuningTest {
    private static final ClassifierOptions OPTIONS =
            ClassifierOptions.of(List.of("ham", "spam", "other")).withMaxLength(12);

    @ParameterizedTest
    @EnumSource(Pooling.class)
    void theGradientOfEveryParameterIsThatOfCentralDifferences(Pooling pooling) {
        BertBackbone bert = TinyBert.of(DataType.DOUBLE, pooling == Pooling.CLS ? 1 : 2);
        try (TextClassifier model = FullTuning.classifier(bert, OPTIONS.withPooling(pooling));
                TokenBatch batch = TinyBert.batch(2, 0)) {
            double loss = model.accumulate(batch, 1, 0);
            List<Parameter> parameters = model.parameters().parameters();
            List<double[]> gradients = parameters.stream()
                    .map(parameter -> numbers(parameter.gradient()))
                    .toList();

            assertThat(loss).isPositive();
            assertThat(parameters).hasSize(bert.parameters().size() + 2).containsAll(bert.parameters());
            for (int i = 0; i < parameters.size(); i++) {
                Parameter parameter = parameters.get(i);
                INDArray gradient = TestArrays.of(
                        DataType.DOUBLE, gradients.get(i), parameter.value().shape());
                CentralDifferences.check(
                        parameter.name(), parameter.value(), gradient, () -> model.accumulate(batch, 0, 0));
            }
        }
    }

    @Test
    void wordsThatDoNotOccurGetNoGradientAndRepeatedOnesTheSum() {
        BertBackbone bert = TinyBert.of(DataType.DOUBLE, 1);
        try (TextClassifier model = FullTuning.classifier(bert, OPTIONS);
                TokenBatch batch = TinyBert.batch(2, 0)) {
            model.accumulate(batch, 1, 0);
            double[] words = numbers(bert.parameters().get(0).gradient());
            for (int id = 0; id < 48; id++) {
                boolean occurs = id == 0 || id == 2 || id == 3 || id == 5 || id == 6 || id == 9; // 0 is padding
                double sum = 0;
                for (int i = 0; i < TinyBert.WIDTH; i++) {
                    sum += Math.abs(words[id * TinyBert.WIDTH + i]);
                }
                assertThat(sum != 0).as("word %s", id).isEqualTo(occurs && id != 0);
            }
        }
    }

    @Test
    void aNetworkIsTunedByOneModelAlone() {
        BertBackbone bert = TinyBert.of(DataType.DOUBLE, 1);
        try (TextClassifier model = FullTuning.classifier(bert, OPTIONS)) {
            assertThatThrownBy(() -> FullTuning.classifier(bert, OPTIONS))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("embeddings.word_embeddings.weight is trained by another model already");
            assertThat(model.parameters().groups()).hasSize(2);
        }
    }
}
