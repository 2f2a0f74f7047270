package io.github.sherl4j.backbone.clip;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sherl4j.Golden;
import io.github.sherl4j.backbone.FeatureBackbone;
import io.github.sherl4j.data.ImageBatch;
import io.github.sherl4j.data.TokenBatch;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.nd.Memory;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Both towers against the reference: the input of the first block, the results of all blocks, the feature. */
class ClipGoldenTest {
    static Stream<Object[]> cases() {
        return Stream.of("msrvtt", "msvd")
                .flatMap(data -> Stream.of(DataType.DOUBLE, DataType.FLOAT).map(type -> new Object[] {data, type}));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void picturesHaveTheReferencesStatesAndFeatures(String data, DataType type) {
        try (Golden golden = new Golden("clip_image_sherl_" + data, type);
                ClipImageBackbone clip = ClipGolden.image(golden);
                ImageBatch batch = ClipGolden.pictures(golden)) {
            check(golden, clip, batch);
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void textsHaveTheReferencesStatesAndFeatures(String data, DataType type) {
        try (Golden golden = new Golden("clip_text_sherl_" + data, type);
                ClipTextBackbone clip = ClipGolden.text(golden);
                TokenBatch batch = ClipGolden.texts(golden)) {
            check(golden, clip, batch);
        }
    }

    private static <B> void check(Golden golden, FeatureBackbone<B> clip, B batch) {
        try (Memory memory = new Memory(golden.type())) {
            for (int round = 0; round < 2; round++) {
                memory.reset();
                Context context = clip.context(memory, batch, OptionalLong.empty());
                INDArray state = memory.step().array(clip.stateShape(batch));
                clip.stem().infer(batch, context, state);
                ClipGolden.check(golden, "hidden.0", state);
                for (int i = 0; i < clip.blocks().size(); i++) {
                    INDArray next = memory.step().array(clip.stateShape(batch, i + 1));
                    clip.blocks().get(i).infer(state, context, next);
                    ClipGolden.check(golden, "hidden." + (i + 1), next);
                    state = next;
                }
                INDArray feature = memory.step().array(state.size(0), clip.featureWidth());
                clip.feature(state, context, feature);
                golden.check("hidden.last", feature);
            }
            assertThat(golden.has("hidden." + (clip.blocks().size() + 1))).isFalse();
            assertThat(golden.worst()).isPositive();
        }
    }
}
