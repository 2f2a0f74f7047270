package io.github.sherl4j.backbone.bert;

import static io.github.sherl4j.TestArrays.difference;
import static io.github.sherl4j.TestArrays.numbers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.sherl4j.NativeBytes;
import io.github.sherl4j.TestArrays;
import io.github.sherl4j.data.TextTokenizer;
import io.github.sherl4j.data.TokenBatch;
import io.github.sherl4j.data.TokenizedText;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.Layer;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.nd.MemoryMeter;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class BertBackboneTest {
    private static final int WIDTH = TinyBert.WIDTH;

    @Test
    void stateZeroIsTheNormOfWordPositionAndType() {
        try (BertBackbone bert = TinyBert.of(DataType.DOUBLE, 1);
                Memory memory = new Memory(DataType.DOUBLE);
                TokenBatch batch = TokenBatch.of(List.of(TinyBert.pair()), new int[0])) {
            Context context = bert.context(memory, batch, OptionalLong.empty());
            INDArray state = TestArrays.blank(DataType.DOUBLE, bert.stateShape(batch));
            INDArray kept = TestArrays.blank(DataType.DOUBLE, bert.stateShape(batch));
            double[] words = value(bert, "embeddings.word_embeddings.weight");
            double[] positions = value(bert, "embeddings.position_embeddings.weight");
            double[] types = value(bert, "embeddings.token_type_embeddings.weight");
            double[] expected = new double[7 * WIDTH];
            for (int t = 0; t < 7; t++) {
                double[] sum = new double[WIDTH];
                for (int i = 0; i < WIDTH; i++) {
                    sum[i] = words[TinyBert.pair().ids()[t] * WIDTH + i]
                            + positions[t * WIDTH + i]
                            + types[TinyBert.pair().types()[t] * WIDTH + i];
                }
                double mean = Arrays.stream(sum).average().orElseThrow();
                double variance = Arrays.stream(sum)
                        .map(x -> (x - mean) * (x - mean))
                        .average()
                        .orElseThrow();
                for (int i = 0; i < WIDTH; i++) {
                    expected[t * WIDTH + i] =
                            (sum[i] - mean) / Math.sqrt(variance + 1e-5) * value(bert, "embeddings.LayerNorm.weight")[i]
                                    + value(bert, "embeddings.LayerNorm.bias")[i];
                }
            }

            bert.stem().infer(batch, context, state);
            bert.stem().forward(batch, context, kept);

            assertThat(difference(numbers(state), expected)).isLessThan(1e-12);
            assertThat(numbers(kept)).isEqualTo(numbers(state));
        }
    }

    @Test
    void paddingChangesNothing() {
        TokenizedText shorter = TinyBert.text(2, 5, 6, 5, 3);
        try (BertBackbone bert = TinyBert.of(DataType.DOUBLE, 2);
                TokenBatch alone = TokenBatch.of(List.of(shorter), new int[0]);
                TokenBatch padded = TinyBert.batch()) {
            double[] expected = lastState(bert, alone);
            double[] found = Arrays.copyOf(lastState(bert, padded), expected.length);

            assertThat(padded.tokens()).isGreaterThan(alone.tokens());
            assertThat(difference(found, expected)).isLessThan(1e-12);
        }
    }

    @Test
    void theContextHidesPadding() {
        try (BertBackbone bert = TinyBert.of(DataType.FLOAT, 1);
                Memory memory = new Memory(DataType.FLOAT);
                TokenBatch batch = TinyBert.batch()) {
            Context context = bert.context(memory, batch, OptionalLong.of(3));

            assertThat(numbers(context.mask())).containsExactly(1, 1, 1, 1, 1, 0, 0, 1, 1, 1, 1, 1, 1, 1);
            assertThat(context.attentionBias().shape()).containsExactly(2, 1, 1, 7);
            assertThat(numbers(context.attentionBias()))
                    .containsExactly(0, 0, 0, 0, 0, -10000, -10000, 0, 0, 0, 0, 0, 0, 0);
            assertThat(context.seed()).hasValue(3);
        }
    }

    @Test
    void refusesBatchesThatItCannotRead() {
        try (BertBackbone bert = TinyBert.of(DataType.FLOAT, 1);
                Memory memory = new Memory(DataType.FLOAT)) {
            assertRefused(
                    bert, memory, TinyBert.random(13, 1), "batch has 13 tokens, but this network takes at most 12");
            assertRefused(
                    bert,
                    memory,
                    TinyBert.text(2, 48, 3),
                    "batch has the token id 48, but this network's vocabulary has 48 entries");
            assertRefused(
                    bert,
                    memory,
                    new TokenizedText(new int[] {2, 3}, new int[] {0, 2}),
                    "batch has the token type 2, but this network has 2 types");
            assertThat(memory.bytes()).isZero();
        }
    }

    @Test
    void describesItself() {
        BertConfig config = TinyBert.config(3);
        try (BertBackbone bert = TinyBert.of(config, TinyBert.tokenizer(), DataType.FLOAT);
                TokenBatch batch = TinyBert.batch()) {
            assertThat(bert.config()).isEqualTo(config);
            assertThat(bert.type()).isEqualTo(DataType.FLOAT);
            assertThat(bert.width()).isEqualTo(WIDTH);
            assertThat(bert.maxTokens()).isEqualTo(12);
            assertThat(bert.blocks()).hasSize(3);
            assertThat(bert.stateShape(batch)).containsExactly(2, 7, WIDTH);
            assertThat(bert.parameters()).hasSize(5 + 3 * 16).noneMatch(Parameter::trainable);
            assertThat(bert.parameters().get(0).name()).isEqualTo("embeddings.word_embeddings.weight");
            assertThat(bert.parameters().get(52).name()).isEqualTo("encoder.layer.2.output.LayerNorm.bias");
            assertThat(bert.parameters())
                    .allSatisfy(parameter -> assertThat(parameter.decays())
                            .isEqualTo(parameter.value().rank() == 2));
            assertThat(bert.tokenizer().encode("the cat", null, 12).ids()).containsExactly(2, 5, 24, 3);
        }
        try (BertBackbone bert = TinyBert.of(DataType.FLOAT, 1)) {
            assertThatThrownBy(bert::tokenizer)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("This network was made without a tokenizer, so it takes no texts");
        }
    }

    @Test
    void randomWeightsStartAsBertStartsItsPreTraining() {
        BertConfig config = new BertConfig(500, 12, 2, 16, 1, 2, 32, 1e-5);
        try (BertBackbone bert = BertBackbone.random(config, null, DataType.FLOAT, 1)) {
            double[] words = value(bert, "embeddings.word_embeddings.weight");
            double square = Arrays.stream(words).map(x -> x * x).average().orElseThrow();
            assertThat(Math.sqrt(square)).isCloseTo(0.02, within(0.001));
            assertThat(value(bert, "encoder.layer.0.attention.self.query.bias")).containsOnly(0);
            assertThat(value(bert, "encoder.layer.0.output.LayerNorm.bias")).containsOnly(0);
            assertThat(value(bert, "encoder.layer.0.output.LayerNorm.weight")).containsOnly(1);
            assertThat(random(config, 1)).isEqualTo(bert.fingerprint());
            assertThat(random(config, 2)).isNotEqualTo(bert.fingerprint());
        }
    }

    @Test
    void closingFreesWeightsAndTokenizer() throws InterruptedException {
        long before = NativeBytes.settled();
        TextTokenizer tokenizer = TinyBert.tokenizer();
        BertBackbone bert = TinyBert.of(TinyBert.config(2), tokenizer, DataType.FLOAT);
        assertThat(MemoryMeter.nativeBytes()).isGreaterThan(before);

        bert.close();

        assertThat(NativeBytes.settled()).isEqualTo(before);
        assertThatThrownBy(() -> tokenizer.encode("the cat", null, 12))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
    }

    private static String random(BertConfig config, long seed) {
        try (BertBackbone bert = BertBackbone.random(config, null, DataType.FLOAT, seed)) {
            return bert.fingerprint();
        }
    }

    private static double[] lastState(BertBackbone bert, TokenBatch batch) {
        try (Memory memory = new Memory(bert.type())) {
            Context context = bert.context(memory, batch, OptionalLong.empty());
            INDArray state = TestArrays.blank(bert.type(), bert.stateShape(batch));
            bert.stem().infer(batch, context, state);
            for (Layer block : bert.blocks()) {
                INDArray next = TestArrays.blank(bert.type(), state.shape());
                block.infer(state, context, next);
                state = next;
            }
            return numbers(state);
        }
    }

    private static void assertRefused(BertBackbone bert, Memory memory, TokenizedText text, String message) {
        try (TokenBatch batch = TokenBatch.of(List.of(text), new int[0])) {
            assertThatThrownBy(() -> bert.context(memory, batch, OptionalLong.empty()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(message);
        }
    }

    private static double[] value(BertBackbone bert, String name) {
        return bert.parameters().stream()
                .filter(parameter -> parameter.name().equals(name))
                .map(parameter -> numbers(parameter.value()))
                .findFirst()
                .orElseThrow();
    }
}
