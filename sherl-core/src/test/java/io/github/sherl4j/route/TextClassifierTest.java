package io.github.sherl4j.route;

import static io.github.sherl4j.TestArrays.difference;
import static io.github.sherl4j.TestArrays.numbers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.sherl4j.backbone.bert.BertBackbone;
import io.github.sherl4j.backbone.bert.TinyBert;
import io.github.sherl4j.data.TokenBatch;
import io.github.sherl4j.data.TokenizedData;
import io.github.sherl4j.data.TokenizedText;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.layer.ParameterGroups;
import io.github.sherl4j.nd.OpProfile;
import io.github.sherl4j.tuning.FullTuning;
import io.github.sherl4j.tuning.HeadOnly;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.evaluation.classification.Evaluation;
import org.nd4j.linalg.api.buffer.DataType;

class TextClassifierTest {
    private static final ClassifierOptions OPTIONS =
            ClassifierOptions.of(List.of("ham", "spam", "other")).withMaxLength(12);
    private static final SherlConfig CONFIG = SherlConfig.defaults().withDropout(0);

    private record Method(String name, Function<BertBackbone, TextClassifier> make) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Method> methods() {
        return Stream.of(
                new Method("SHERL", bert -> SherlModel.classifier(bert, CONFIG, OPTIONS)),
                new Method("head only", bert -> HeadOnly.classifier(bert, OPTIONS)),
                new Method("full", bert -> FullTuning.classifier(bert, OPTIONS)));
    }

    @ParameterizedTest
    @MethodSource("methods")
    void theLossIsThatOfItsProbabilities(Method method) {
        for (int blocks = 1; blocks <= 2; blocks++) {
            try (BertBackbone bert = TinyBert.of(DataType.DOUBLE, blocks);
                    TextClassifier model = method.make.apply(bert);
                    TokenBatch batch = TinyBert.batch(2, 1)) {
                double[][] probabilities = model.probabilities(batch);

                double loss = model.accumulate(batch, 1, 0);

                double expected = -(Math.log(probabilities[0][2]) + Math.log(probabilities[1][1])) / 2;
                assertThat(loss).isCloseTo(expected, within(1e-12));
                for (double[] row : probabilities) {
                    assertThat(Arrays.stream(row).sum()).isCloseTo(1, within(1e-12));
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("methods")
    void aBatchInPartsGetsItsWholeGradient(Method method) {
        List<TokenizedText> texts =
                IntStream.range(0, 5).mapToObj(i -> TinyBert.random(4 + i, i)).toList();
        TokenizedData data = TokenizedData.of(texts, new int[] {0, 1, 2, 1, 0});
        try (BertBackbone bert = TinyBert.of(DataType.DOUBLE, 2);
                TextClassifier model = method.make.apply(bert);
                TokenBatch whole = data.batch(new int[] {0, 1, 2, 3, 4});
                TokenBatch first = data.batch(new int[] {3, 0});
                TokenBatch second = data.batch(new int[] {1, 2, 4})) {
            double loss = model.accumulate(whole, 1, 0);
            double[] expected = gradients(model);
            model.parameters().zeroGradients();

            double inParts = 0.4 * model.accumulate(first, 0.4, 0) + 0.6 * model.accumulate(second, 0.6, 0);

            double largest = Arrays.stream(expected).map(Math::abs).max().orElseThrow();
            assertThat(difference(gradients(model), expected)).isLessThan(1e-6 * largest);
            assertThat(inParts).isCloseTo(loss, within(1e-12));
        }
    }

    @Test
    void severalStepsLearnAndLeaveTheFrozenNetworkAsItIs() {
        try (BertBackbone bert = TinyBert.of(DataType.FLOAT, 3);
                TextClassifier model = SherlModel.classifier(bert, SherlConfig.defaults(), OPTIONS);
                TokenBatch batch = TinyBert.batch(2, 1)) {
            List<double[]> before =
                    bert.parameters().stream().map(p -> numbers(p.value())).toList();
            double first = model.accumulate(batch, 1, 0);
            for (int step = 1; step <= 20; step++) {
                for (ParameterGroups.Group group : model.parameters().groups()) {
                    group.values().subi(group.gradients().mul(0.1));
                }
                model.parameters().zeroGradients();
                model.accumulate(batch, 1, step);
            }
            model.parameters().zeroGradients();
            assertThat(model.accumulate(batch, 1, 0)).isLessThan(first / 2);
            assertThat(bert.parameters()).noneMatch(Parameter::trainable);
            assertThat(bert.parameters().stream().map(p -> numbers(p.value())).toList())
                    .usingRecursiveComparison()
                    .isEqualTo(before);
        }
    }

    @Test
    void dropoutFollowsTheSeed() {
        try (BertBackbone bert = TinyBert.of(DataType.DOUBLE, 2);
                TextClassifier model = SherlModel.classifier(bert, CONFIG.withDropout(0.5), OPTIONS);
                TokenBatch batch = TinyBert.batch(2, 1)) {
            double loss = model.accumulate(batch, 1, 5);
            assertThat(model.accumulate(batch, 1, 5)).isEqualTo(loss);
            assertThat(model.accumulate(batch, 1, 6)).isNotEqualTo(loss);
        }
    }

    @Test
    void seedsDecideTheStart() {
        try (BertBackbone bert = TinyBert.of(DataType.FLOAT, 2)) {
            double[] first = start(bert, CONFIG, OPTIONS);
            assertThat(start(bert, CONFIG, OPTIONS)).isEqualTo(first);
            assertThat(start(bert, CONFIG.withSeed(1), OPTIONS)).isNotEqualTo(first);
            assertThat(start(bert, CONFIG, OPTIONS.withSeed(1))).isNotEqualTo(first);
        }
    }

    @ParameterizedTest
    @MethodSource("methods")
    void refusesABatchThatItCannotLearnFromAndAddsNothing(Method method) {
        try (BertBackbone bert = TinyBert.of(DataType.DOUBLE, 1);
                TextClassifier model = method.make.apply(bert);
                TokenBatch labelled = TinyBert.batch(1, 3);
                TokenBatch unlabelled = TinyBert.batch()) {
            assertThatThrownBy(() -> model.accumulate(labelled, 1, 0))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("batch has the label 3, but this model has 3 classes");
            assertThatThrownBy(() -> model.accumulate(unlabelled, 1, 0))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("this batch has no labels");
            assertThat(gradients(model)).containsOnly(0);
            assertThat(model.probabilities(labelled))
                    .as("labels are not looked at")
                    .hasDimensions(2, 3);
        }
    }

    @Test
    void evaluatesInTheOrderOfTheData() {
        List<TokenizedText> texts = IntStream.range(0, 70)
                .mapToObj(i -> TinyBert.random(2 + i % 9, i))
                .toList();
        try (BertBackbone bert = TinyBert.of(DataType.FLOAT, 2);
                TextClassifier model = SherlModel.classifier(bert, CONFIG, OPTIONS)) {
            double[][] probabilities = model.probabilities(TokenizedData.of(texts, new int[0]));
            int[] best = Stream.of(probabilities).mapToInt(Prediction::best).toArray();
            for (int i : new int[] {0, 33, 69}) {
                try (TokenBatch alone = TokenBatch.of(List.of(texts.get(i)), new int[0])) {
                    assertThat(difference(model.probabilities(alone)[0], probabilities[i]))
                            .isLessThan(1e-5);
                }
            }
            int[] labels = best.clone();
            for (int i = 0; i < 7; i++) {
                labels[i * 10] = (best[i * 10] + 1) % 3;
            }

            Evaluation evaluation = model.evaluate(TokenizedData.of(texts, labels));

            assertThat(evaluation.accuracy()).isCloseTo(0.9, within(1e-9));
            assertThat(evaluation.getNumRowCounter()).isEqualTo(70);
        }
    }

    @Test
    void aProfileSeesTheOperationsOfAStep() {
        try (BertBackbone bert = TinyBert.of(DataType.FLOAT, 1);
                TextClassifier model = HeadOnly.classifier(bert, OPTIONS);
                TokenBatch batch = TinyBert.batch(0, 1)) {
            OpProfile profile = new OpProfile();
            model.profile(profile);
            model.accumulate(batch, 1, 0);
            model.profile(null);
            long calls = profile.totals().values().stream()
                    .mapToLong(OpProfile.Total::calls)
                    .sum();
            model.accumulate(batch, 1, 0);

            assertThat(profile.totals()).containsKey("softmax [2, 2, 7, 7]");
            assertThat(profile.totals().values().stream()
                            .mapToLong(OpProfile.Total::calls)
                            .sum())
                    .isEqualTo(calls);
        }
    }

    private static double[] start(BertBackbone bert, SherlConfig config, ClassifierOptions options) {
        try (TextClassifier model = SherlModel.classifier(bert, config, options)) {
            return model.parameters().parameters().stream()
                    .flatMapToDouble(parameter -> Arrays.stream(numbers(parameter.value())))
                    .toArray();
        }
    }

    private static double[] gradients(TextClassifier model) {
        return model.parameters().groups().stream()
                .flatMapToDouble(group -> Arrays.stream(numbers(group.gradients())))
                .toArray();
    }
}
