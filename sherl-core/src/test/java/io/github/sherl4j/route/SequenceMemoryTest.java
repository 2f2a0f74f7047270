package io.github.sherl4j.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sherl4j.NativeBytes;
import io.github.sherl4j.backbone.t5.T5Backbone;
import io.github.sherl4j.backbone.t5.TinyT5;
import io.github.sherl4j.data.SequenceBatch;
import io.github.sherl4j.nd.MemoryMeter;
import io.github.sherl4j.tuning.SequenceFullTuning;
import io.github.sherl4j.tuning.SequenceHeadOnly;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;

/** Memory of steps on texts, counted exactly: flat from the second step on, and independent of the early layers. */
class SequenceMemoryTest {
    private static final SequenceOptions OPTIONS = new SequenceOptions(12, 8);
    private static final EncoderDecoderConfig CONFIG = EncoderDecoderConfig.defaults();

    static Stream<Function<T5Backbone, SequenceModel>> methods() {
        return Stream.of(
                t5 -> SherlSequenceModel.of(t5, CONFIG, OPTIONS),
                t5 -> SequenceHeadOnly.model(t5, OPTIONS),
                t5 -> SequenceFullTuning.model(t5, OPTIONS));
    }

    @ParameterizedTest
    @MethodSource("methods")
    void isTheSameAfterEachStepFromTheSecondOn(Function<T5Backbone, SequenceModel> method) throws InterruptedException {
        long before = NativeBytes.settled();
        T5Backbone t5 = TinyT5.of(DataType.FLOAT, 2, 2);
        SequenceModel model = method.apply(t5);
        SequenceBatch batch = TinyT5.batch();
        long atRest = NativeBytes.settled();
        List<Long> bytes = new ArrayList<>();
        for (int step = 1; step <= 50; step++) {
            model.accumulate(batch, 1, step);
            model.parameters().zeroGradients();
            bytes.add(MemoryMeter.nativeBytes() - atRest);
        }
        assertThat(bytes.subList(1, 50)).containsOnly(bytes.get(1));
        assertThat(model.workingBytes()).isPositive();

        model.close();
        batch.close();
        t5.close();
        assertThat(NativeBytes.settled()).isEqualTo(before);
    }

    @ParameterizedTest
    @MethodSource("methods")
    void aWarmStepMakesNoNativeObjects(Function<T5Backbone, SequenceModel> method) {
        try (T5Backbone t5 = TinyT5.of(DataType.FLOAT, 2, 2);
                SequenceModel model = method.apply(t5);
                SequenceBatch batch = TinyT5.batch()) {
            for (int step = 0; step < 3; step++) {
                model.accumulate(batch, 1, step);
            }
            assertThat(NativeBytes.created(() -> model.accumulate(batch, 1, 3))).isZero();
        }
    }

    @Test
    void doesNotGrowWithTheEarlyLayersOfEitherSide() {
        assertThat(sherl(12, 5)).isEqualTo(sherl(5, 5));
        assertThat(sherl(5, 12)).isEqualTo(sherl(5, 5));
        assertThat(working(12, 12, t5 -> SequenceHeadOnly.model(t5, OPTIONS)))
                .isEqualTo(working(4, 4, t5 -> SequenceHeadOnly.model(t5, OPTIONS)));
        assertThat(working(12, 12, t5 -> SequenceFullTuning.model(t5, OPTIONS)))
                .isGreaterThan(2 * working(4, 4, t5 -> SequenceFullTuning.model(t5, OPTIONS)));
    }

    private static long sherl(int layers, int decoderLayers) {
        EncoderDecoderConfig config = CONFIG.withTaps(List.of(0, 1, layers), List.of(0, 1, decoderLayers - 1));
        return working(layers, decoderLayers, t5 -> SherlSequenceModel.of(t5, config, OPTIONS));
    }

    private static long working(int layers, int decoderLayers, Function<T5Backbone, SequenceModel> method) {
        try (T5Backbone t5 = TinyT5.of(DataType.FLOAT, layers, decoderLayers);
                SequenceModel model = method.apply(t5);
                SequenceBatch batch = TinyT5.batch()) {
            model.accumulate(batch, 1, 1);
            model.accumulate(batch, 1, 2);
            return model.workingBytes();
        }
    }
}
