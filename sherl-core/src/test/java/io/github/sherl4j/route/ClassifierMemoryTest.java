package io.github.sherl4j.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sherl4j.NativeBytes;
import io.github.sherl4j.backbone.bert.BertBackbone;
import io.github.sherl4j.backbone.bert.TinyBert;
import io.github.sherl4j.data.TokenBatch;
import io.github.sherl4j.data.TokenizedData;
import io.github.sherl4j.data.TokenizedText;
import io.github.sherl4j.nd.MemoryMeter;
import io.github.sherl4j.tuning.FullTuning;
import io.github.sherl4j.tuning.HeadOnly;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;

/** Memory that is counted exactly: flat from the second step on, and independent of the early layers. */
class ClassifierMemoryTest {
    private static final ClassifierOptions OPTIONS =
            ClassifierOptions.of(List.of("ham", "spam")).withMaxLength(12);

    static Stream<Function<BertBackbone, TextClassifier>> methods() {
        return Stream.of(
                bert -> SherlModel.classifier(bert, SherlConfig.defaults(), OPTIONS),
                bert -> HeadOnly.classifier(bert, OPTIONS),
                bert -> FullTuning.classifier(bert, OPTIONS));
    }

    @ParameterizedTest
    @MethodSource("methods")
    void isTheSameAfterEachStepFromTheSecondOn(Function<BertBackbone, TextClassifier> method)
            throws InterruptedException {
        long before = NativeBytes.settled();
        BertBackbone bert = TinyBert.of(DataType.FLOAT, 3);
        TextClassifier model = method.apply(bert);
        TokenBatch batch = TinyBert.batch(0, 1);
        long atRest = NativeBytes.settled();
        List<Long> bytes = new ArrayList<>();
        for (int step = 1; step <= 200; step++) {
            model.accumulate(batch, 1, step);
            model.parameters().zeroGradients();
            bytes.add(MemoryMeter.nativeBytes() - atRest);
        }

        assertThat(bytes.subList(1, 200)).containsOnly(bytes.get(1));
        assertThat(bytes.get(1)).isGreaterThanOrEqualTo(model.workingBytes()).isPositive();
        assertThat(model.workingBytes()).isPositive();

        model.close();
        batch.close();
        bert.close();
        assertThat(NativeBytes.settled()).isEqualTo(before);
    }

    @ParameterizedTest
    @MethodSource("methods")
    void aWarmStepMakesNoNativeObjects(Function<BertBackbone, TextClassifier> method) {
        try (BertBackbone bert = TinyBert.of(DataType.FLOAT, 3);
                TextClassifier model = method.apply(bert);
                TokenBatch batch = TinyBert.batch(0, 1)) {
            for (int step = 0; step < 3; step++) {
                model.accumulate(batch, 1, step);
            }
            assertThat(NativeBytes.created(() -> model.accumulate(batch, 1, 3))).isZero();
        }
    }

    @Test
    void mixedLengthsNeverNeedMoreThanTheLongestBatch() throws InterruptedException {
        List<TokenizedText> texts = IntStream.range(0, 64)
                .mapToObj(i -> TinyBert.random(2 + i * 7 % 11, i))
                .toList();
        TokenizedData data =
                TokenizedData.of(texts, IntStream.range(0, 64).map(i -> i % 2).toArray());
        try (BertBackbone bert = TinyBert.of(DataType.FLOAT, 3);
                TextClassifier model = SherlModel.classifier(bert, SherlConfig.defaults(), OPTIONS)) {
            List<int[]> plan = data.plan(4, 1);
            step(model, data, plan.get(0));
            step(model, data, plan.get(0));
            long ofTheLongest = NativeBytes.settled();
            long working = model.workingBytes();
            for (int epoch = 1; epoch <= 2; epoch++) {
                for (int[] indices : data.plan(4, epoch)) {
                    step(model, data, indices);
                    assertThat(MemoryMeter.nativeBytes()).isEqualTo(ofTheLongest);
                    assertThat(model.workingBytes()).isEqualTo(working);
                }
            }
        }
    }

    @Test
    void doesNotGrowWithTheEarlyLayers() {
        SherlConfig config = SherlConfig.defaults();
        long four = working(4, bert -> SherlModel.classifier(bert, config.withTaps(List.of(0, 2, 3)), OPTIONS));
        long twelve = working(12, bert -> SherlModel.classifier(bert, config.withTaps(List.of(0, 2, 11)), OPTIONS));

        assertThat(twelve).isEqualTo(four);
        assertThat(working(12, bert -> HeadOnly.classifier(bert, OPTIONS)))
                .isEqualTo(working(4, bert -> HeadOnly.classifier(bert, OPTIONS)));
        assertThat(working(12, bert -> FullTuning.classifier(bert, OPTIONS)))
                .isGreaterThan(2 * working(4, bert -> FullTuning.classifier(bert, OPTIONS)));
    }

    @Test
    void predictionsReuseTheWorkingMemory() throws InterruptedException {
        try (BertBackbone bert = TinyBert.of(DataType.FLOAT, 3);
                TextClassifier model = SherlModel.classifier(bert, SherlConfig.defaults(), OPTIONS);
                TokenBatch batch = TinyBert.batch()) {
            model.probabilities(batch);
            model.probabilities(batch);
            long warm = NativeBytes.settled();
            for (int i = 0; i < 50; i++) {
                model.probabilities(batch);
                assertThat(MemoryMeter.nativeBytes())
                        .as("never more; less where garbage of before was found")
                        .isLessThanOrEqualTo(warm);
            }
        }
    }

    private static void step(TextClassifier model, TokenizedData data, int[] indices) {
        try (TokenBatch batch = data.batch(indices)) {
            model.accumulate(batch, 1, 1);
        }
        model.parameters().zeroGradients();
    }

    private static long working(int blocks, Function<BertBackbone, TextClassifier> method) {
        try (BertBackbone bert = TinyBert.of(DataType.FLOAT, blocks);
                TextClassifier model = method.apply(bert);
                TokenBatch batch = TinyBert.batch(0, 1)) {
            model.accumulate(batch, 1, 1);
            model.accumulate(batch, 1, 2);
            return model.workingBytes();
        }
    }
}
