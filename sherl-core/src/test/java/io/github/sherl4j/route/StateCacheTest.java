package io.github.sherl4j.route;

import static io.github.sherl4j.TestArrays.difference;
import static io.github.sherl4j.TestArrays.numbers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.sherl4j.NativeBytes;
import io.github.sherl4j.backbone.bert.BertBackbone;
import io.github.sherl4j.backbone.bert.TinyBert;
import io.github.sherl4j.data.TokenBatch;
import io.github.sherl4j.data.TokenizedData;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.nd.MemoryMeter;
import io.github.sherl4j.tuning.FullTuning;
import io.github.sherl4j.tuning.HeadOnly;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;

class StateCacheTest {
    private static final ClassifierOptions OPTIONS =
            ClassifierOptions.of(List.of("ham", "spam")).withMaxLength(12);
    private static final SherlConfig CONFIG = SherlConfig.defaults().withTaps(List.of(0, 2));
    private static final long PLENTY = 1 << 20;
    /** Texts of 2 to 9 tokens; the first one comes twice. */
    private static final TokenizedData DATA = TokenizedData.of(
            IntStream.range(0, 9)
                    .mapToObj(i -> TinyBert.random(2 + i % 8, i % 8))
                    .toList(),
            new int[] {0, 1, 0, 1, 0, 1, 0, 1, 0});

    @TempDir
    private Path folder;

    static Stream<Function<BertBackbone, TextClassifier>> methods() {
        return Stream.of(
                bert -> SherlModel.classifier(bert, CONFIG, OPTIONS), bert -> HeadOnly.classifier(bert, OPTIONS));
    }

    @ParameterizedTest
    @MethodSource("methods")
    void givesTheSameGradientsInOtherCompany(Function<BertBackbone, TextClassifier> method) throws IOException {
        try (BertBackbone bert = TinyBert.of(DataType.DOUBLE, 3);
                TextClassifier plain = method.apply(bert);
                TextClassifier cached = method.apply(bert)) {
            cached.cacheStates(folder, PLENTY);
            step(cached, 0, 3, 8);
            step(cached, 7, 1, 2, 4);
            step(cached, 6, 5);

            for (int[] indices : List.of(new int[] {7, 0, 5, 8}, new int[] {2, 1}, new int[] {3, 4, 6})) {
                cached.parameters().zeroGradients();
                plain.parameters().zeroGradients();
                assertThat(step(cached, indices)).isCloseTo(step(plain, indices), within(1e-12));
                assertThat(difference(gradients(cached), gradients(plain))).isLessThan(1e-12);
            }
        }
    }

    @Test
    void sparesTheEarlyLayers() throws IOException {
        try (BertBackbone bert = TinyBert.of(DataType.DOUBLE, 3);
                TextClassifier model = HeadOnly.classifier(bert, OPTIONS)) {
            model.cacheStates(folder, PLENTY);
            double loss = step(model, 0, 1, 2);
            bert.parameters().forEach(parameter -> parameter.value().muli(0.5));

            assertThat(step(model, 0, 1, 2)).isEqualTo(loss);
            assertThat(step(model, 0, 1, 2, 3))
                    .as("one text is new, so the whole batch is computed")
                    .isNotEqualTo(loss);
        }
    }

    @ParameterizedTest
    @MethodSource("methods")
    void computesWhatNoLongerFits(Function<BertBackbone, TextClassifier> method) throws IOException {
        try (BertBackbone bert = TinyBert.of(DataType.DOUBLE, 3);
                TextClassifier plain = method.apply(bert);
                TextClassifier cached = method.apply(bert)) {
            cached.cacheStates(folder, 500);
            for (int round = 0; round < 3; round++) {
                assertThat(step(cached, 4, 0, 7)).isCloseTo(step(plain, 4, 0, 7), within(1e-12));
            }
        }
    }

    @Test
    void countsItsBytes() throws IOException {
        try (BertBackbone bert = TinyBert.of(DataType.FLOAT, 3);
                StateCache cache = StateCache.create(folder, 12 * TinyBert.WIDTH * Float.BYTES)) {
            HeadOnly<TokenBatch> route = new HeadOnly<>(bert);
            route.cacheStates(cache);
            TextClassifier own = new TextClassifier(bert, route, OPTIONS);
            step(own, 7, 0, 8); // 9, 2 and the same 2 tokens
            assertThat(cache.size()).isEqualTo(2);
            assertThat(cache.bytes()).isEqualTo(11 * TinyBert.WIDTH * Float.BYTES);
            step(own, 1, 0); // 3 tokens more than 12
            assertThat(cache.size()).isEqualTo(2);
            own.close();
        }
    }

    @Test
    void keepsMemoryFlat() throws IOException, InterruptedException {
        try (BertBackbone bert = TinyBert.of(DataType.FLOAT, 3);
                TextClassifier model = SherlModel.classifier(bert, CONFIG, OPTIONS);
                TokenBatch batch = TinyBert.batch(0, 1)) {
            model.cacheStates(folder, PLENTY);
            for (int step = 0; step < 3; step++) {
                model.accumulate(batch, 1, step);
            }
            long warm = NativeBytes.settled();
            for (int step = 0; step < 50; step++) {
                model.accumulate(batch, 1, step);
                assertThat(MemoryMeter.nativeBytes())
                        .as("never more; less where garbage of before was found")
                        .isLessThanOrEqualTo(warm);
            }
            assertThat(NativeBytes.created(() -> model.accumulate(batch, 1, 3))).isZero();
        }
    }

    @Test
    void leavesNoFile() throws IOException {
        try (BertBackbone bert = TinyBert.of(DataType.FLOAT, 1);
                TextClassifier model = HeadOnly.classifier(bert, OPTIONS)) {
            model.cacheStates(folder, PLENTY);
            step(model, 1, 2);
            assertThatThrownBy(() -> model.cacheStates(folder, PLENTY))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("This model caches its states already");
        }
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void refusesARouteThatFreezesNothing() {
        try (BertBackbone bert = TinyBert.of(DataType.FLOAT, 1);
                TextClassifier model = FullTuning.classifier(bert, OPTIONS)) {
            assertThatThrownBy(() -> model.cacheStates(folder, PLENTY))
                    .isInstanceOf(UnsupportedOperationException.class)
                    .hasMessage("Nothing on this route is frozen, so there are no states to cache");
            assertThat(folder).isEmptyDirectory();
            assertThatThrownBy(() -> StateCache.create(folder, 0))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("maxBytes must be positive, but is 0");
        }
    }

    private static double step(TextClassifier model, int... indices) {
        try (TokenBatch batch = DATA.batch(indices)) {
            return model.accumulate(batch, 1, 5);
        }
    }

    private static double[] gradients(TextClassifier model) {
        return model.parameters().parameters().stream()
                .map(Parameter::gradient)
                .flatMapToDouble(gradient -> Arrays.stream(numbers(gradient)))
                .toArray();
    }
}
