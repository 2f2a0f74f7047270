package io.github.sherl4j.tuning;

import static io.github.sherl4j.TestArrays.numbers;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.sherl4j.CentralDifferences;
import io.github.sherl4j.NativeBytes;
import io.github.sherl4j.TestArrays;
import io.github.sherl4j.backbone.FeatureBackbone;
import io.github.sherl4j.backbone.clip.TinyClip;
import io.github.sherl4j.data.ImageBatch;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.layer.ParameterGroups;
import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.route.Route;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class FeatureTuningTest {
    private static final DataType TYPE = DataType.DOUBLE;

    @Test
    void trainsPictureTowersToTheirFeature() {
        check(TinyClip.image(TYPE, 2), TinyClip.pictures(TYPE));
    }

    @Test
    void trainsTextTowersToTheirFeature() {
        check(TinyClip.text(TYPE, 2), TinyClip.texts());
    }

    private static <B> void check(FeatureBackbone<B> clip, B batch) {
        Memory memory = new Memory(TYPE);
        INDArray frozen = TestArrays.blank(TYPE, 2, clip.featureWidth());
        INDArray result = TestArrays.blank(TYPE, 2, clip.featureWidth());
        Route<B> asItIs = FeatureTuning.frozen(clip);
        assertThat(asItIs.trainable()).isEmpty();
        assertThat(asItIs.resultShape(batch)).containsExactly(2, clip.featureWidth());
        asItIs.infer(batch, clip.context(memory, batch, OptionalLong.empty()), frozen);
        asItIs.forward(batch, clip.context(memory, batch, OptionalLong.empty()), result);
        assertThat(numbers(result)).isEqualTo(numbers(frozen));

        double[] cotangent = TestArrays.normal((int) result.length(), 4);
        Route<B> full = FeatureTuning.full(clip);
        assertThat(full.trainable()).isEqualTo(clip.parameters());
        try (ParameterGroups groups = new ParameterGroups(full.trainable())) {
            Runnable step = () -> {
                memory.reset();
                full.forward(batch, clip.context(memory, batch, OptionalLong.empty()), result)
                        .backward(TestArrays.of(TYPE, cotangent, result.shape()));
            };
            step.run();
            assertThat(numbers(result)).isEqualTo(numbers(frozen));
            for (Parameter parameter : groups.parameters()) {
                CentralDifferences.check(parameter.name(), parameter.value(), parameter.gradient(), () -> {
                    memory.reset();
                    full.infer(batch, clip.context(memory, batch, OptionalLong.empty()), result);
                    return CentralDifferences.weightedSum(result, cotangent);
                });
            }
        }
        memory.close();
    }

    @Test
    void aWarmStepMakesNothingNative() {
        DataType type = DataType.FLOAT;
        var clip = TinyClip.image(type, 2);
        var batch = TinyClip.pictures(type);
        INDArray gradient = TestArrays.normal(type, 3, 2, clip.featureWidth());
        INDArray result = TestArrays.blank(type, 2, clip.featureWidth());
        Route<ImageBatch> full = FeatureTuning.full(clip);
        try (Memory memory = new Memory(type);
                ParameterGroups groups = new ParameterGroups(full.trainable())) {
            Runnable step = () -> {
                memory.reset();
                full.forward(batch, clip.context(memory, batch, OptionalLong.empty()), result)
                        .backward(gradient);
            };
            step.run();
            step.run();
            assertThat(NativeBytes.created(step)).isZero();
            assertThat(groups.count()).isPositive();
        }
    }
}
