package io.github.sherl4j.route;

import static io.github.sherl4j.TestArrays.numbers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.sherl4j.CentralDifferences;
import io.github.sherl4j.NativeBytes;
import io.github.sherl4j.TestArrays;
import io.github.sherl4j.backbone.bert.TinyBert;
import io.github.sherl4j.backbone.clipvil.ClipVilBackbone;
import io.github.sherl4j.backbone.clipvil.TinyClipVil;
import io.github.sherl4j.data.QuestionBatch;
import io.github.sherl4j.data.QuestionData;
import io.github.sherl4j.data.QuestionExample;
import io.github.sherl4j.data.VisualFeatures;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.train.TrainConfig;
import io.github.sherl4j.train.Trainer;
import io.github.sherl4j.tuning.FullTuning;
import io.github.sherl4j.tuning.HeadOnly;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;

class QuestionModelTest {
    private static final QuestionOptions OPTIONS =
            QuestionOptions.of(List.of("yes", "no", "two")).withMaxTokens(12);

    @TempDir
    private Path folder;

    static List<Function<ClipVilBackbone, QuestionModel>> methods() {
        return List.of(QuestionModelTest::sherl, QuestionModelTest::headOnly, QuestionModelTest::full);
    }

    private static QuestionModel sherl(ClipVilBackbone network) {
        return QuestionModel.sherl(network, QuestionModel.published(), OPTIONS);
    }

    private static QuestionModel headOnly(ClipVilBackbone network) {
        return new QuestionModel(network, new HeadOnly<>(network), OPTIONS);
    }

    private static QuestionModel full(ClipVilBackbone network) {
        return new QuestionModel(network, new FullTuning<>(network), OPTIONS);
    }

    /** New weights are so small that differences drown in rounding. */
    private static void redraw(QuestionModel model) {
        int draw = 100;
        for (Parameter parameter : model.parameters().parameters()) {
            double[] drawn = TestArrays.normal((int) parameter.value().length(), ++draw);
            boolean scale = parameter.name().endsWith("orm.weight");
            TestArrays.set(parameter.value(), TestArrays.each(drawn, x -> scale ? 1 + 0.3 * x : 0.3 * x));
        }
    }

    @ParameterizedTest
    @MethodSource("methods")
    void gradientsAreThoseOfCentralDifferences(Function<ClipVilBackbone, QuestionModel> method) {
        try (ClipVilBackbone network = TinyClipVil.of(DataType.DOUBLE, 2);
                QuestionModel model = method.apply(network);
                QuestionBatch batch = TinyClipVil.batch()) {
            redraw(model);
            model.accumulate(batch, 1, 1);
            List<double[]> gradients = model.parameters().parameters().stream()
                    .map(parameter -> numbers(parameter.gradient()))
                    .toList();
            for (int i = 0; i < gradients.size(); i++) {
                Parameter parameter = model.parameters().parameters().get(i);
                CentralDifferences.check(
                        parameter.name(),
                        parameter.value(),
                        TestArrays.of(
                                DataType.DOUBLE,
                                gradients.get(i),
                                parameter.value().shape()),
                        () -> model.accumulate(batch, 1, 1));
            }
        }
    }

    @Test
    void trainingChangesNoFrozenWeightByABit() {
        try (ClipVilBackbone network = TinyClipVil.of(DataType.FLOAT, 3)) {
            List<double[]> before = weights(network);
            try (QuestionModel model = sherl(network)) {
                TrainConfig config =
                        TrainConfig.defaults().withEpochs(60).withBatchSize(2).withPeakRate(5e-3);
                List<Double> losses =
                        new Trainer(config).fit(model, data(), null).losses();
                assertThat(losses.get(59)).isLessThan(losses.get(0));
                List<QuestionModel.Answer> answers = model.answer(data());
                assertThat(answers).allMatch(answer -> OPTIONS.answers().contains(answer.text()));
                double sum = 0;
                for (int i = 0; i < answers.size(); i++) {
                    sum += data().examples()
                            .get(i)
                            .answers()
                            .getOrDefault(answers.get(i).text(), 0.0);
                }
                assertThat(model.accuracy(data())).isEqualTo(sum / answers.size(), within(1e-12));
            }
            List<double[]> after = weights(network);
            for (int i = 0; i < before.size(); i++) {
                assertThat(after.get(i)).isEqualTo(before.get(i));
            }
        }
    }

    @Test
    void whatIsSavedAnswersTheSame() throws IOException {
        try (ClipVilBackbone network = TinyClipVil.of(DataType.FLOAT, 3);
                QuestionModel model = sherl(network);
                QuestionBatch batch = TinyClipVil.batch()) {
            redraw(model);
            model.save(folder);
            try (QuestionModel loaded = QuestionModel.load(network, folder)) {
                assertThat(loaded.options().answers()).isEqualTo(OPTIONS.answers());
                assertThat(loaded.logits(batch)).isDeepEqualTo(model.logits(batch));
            }
            try (ClipVilBackbone other = TinyClipVil.of(DataType.FLOAT, 2)) {
                assertThatThrownBy(() -> QuestionModel.load(other, folder))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("was trained on the backbone with fingerprint");
            }
            try (QuestionModel head = headOnly(network)) {
                assertThatThrownBy(() -> head.save(folder))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessage("Only a model that is trained by SHERL has an adapter to save");
            }
        }
    }

    @Test
    void memoryDoesNotGrowWithTheEarlyLayers() {
        assertThat(working(12, List.of(0, 2, 11))).isEqualTo(working(4, List.of(0, 2, 3)));
    }

    private static long working(int blocks, List<Integer> taps) {
        try (ClipVilBackbone network = TinyClipVil.of(DataType.FLOAT, blocks);
                QuestionModel model =
                        QuestionModel.sherl(network, QuestionModel.published().withTaps(taps), OPTIONS);
                QuestionBatch batch = TinyClipVil.batch()) {
            model.accumulate(batch, 1, 1);
            model.accumulate(batch, 1, 2);
            return model.workingBytes();
        }
    }

    @ParameterizedTest
    @MethodSource("methods")
    void aWarmStepMakesNoNativeObjects(Function<ClipVilBackbone, QuestionModel> method) {
        try (ClipVilBackbone network = TinyClipVil.of(DataType.FLOAT, 3);
                QuestionModel model = method.apply(network);
                QuestionBatch batch = TinyClipVil.batch()) {
            for (int step = 0; step < 3; step++) {
                model.accumulate(batch, 1, step);
            }
            assertThat(NativeBytes.created(() -> model.accumulate(batch, 1, 3))).isZero();
        }
    }

    @Test
    void refusesWhatDoesNotFit() {
        try (ClipVilBackbone network = TinyClipVil.of(DataType.FLOAT, 2);
                QuestionModel model = sherl(network);
                QuestionBatch batch = TinyClipVil.batch(new float[][] {{1, 0}, {0, 1}})) {
            assertThatThrownBy(() -> model.accumulate(batch, 1, 1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("scores must have shape [2, 3], but has [2, 2]");
            assertThatThrownBy(() -> QuestionModel.sherl(network, QuestionModel.published(), OPTIONS.withMaxTokens(20)))
                    .hasMessage("maxTokens must be at most 12, the longest that this network takes, but is 20");
        }
        assertThatThrownBy(() -> QuestionOptions.of(List.of("yes")))
                .hasMessage("answers must be at least 2, but are [yes]");
        assertThatThrownBy(() -> QuestionOptions.of(List.of("yes", "yes")))
                .hasMessage("answers must be there once each, but are [yes, yes]");
    }

    private static List<double[]> weights(ClipVilBackbone network) {
        return network.parameters().stream()
                .map(parameter -> numbers(parameter.value()))
                .toList();
    }

    private static QuestionData data() {
        VisualFeatures features = VisualFeatures.of(
                Map.of("a", TinyClipVil.rows(2, 1), "b", TinyClipVil.rows(3, 2), "c", TinyClipVil.rows(1, 3)));
        return QuestionData.of(
                List.of(
                        new QuestionExample("1", "a", "x", Map.of("yes", 1.0, "no", 0.3)),
                        new QuestionExample("2", "b", "y", Map.of("two", 0.6)),
                        new QuestionExample("3", "c", "z", Map.of("no", 1.0))),
                List.of(TinyBert.text(2, 5, 6, 3), TinyBert.text(2, 7, 8, 9, 3), TinyBert.pair()),
                features,
                OPTIONS.answers());
    }
}
