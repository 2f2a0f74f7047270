package io.github.sherl4j.route;

import static io.github.sherl4j.TestArrays.numbers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sherl4j.CentralDifferences;
import io.github.sherl4j.NativeBytes;
import io.github.sherl4j.TestArrays;
import io.github.sherl4j.adapter.AdapterOptions;
import io.github.sherl4j.adapter.SherlAdapter;
import io.github.sherl4j.backbone.FeatureBackbone;
import io.github.sherl4j.backbone.clip.ClipTextBackbone;
import io.github.sherl4j.backbone.clip.TinyClip;
import io.github.sherl4j.data.TokenBatch;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.layer.ParameterGroups;
import io.github.sherl4j.nd.Memory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class OutputRouteTest {
    private static final AdapterOptions OPTIONS = AdapterOptions.clipVideo(3, true);

    @Test
    void theGuideIsTheNetworksFeatureAndNothingElseOfTheNetworkLearns() {
        try (ClipTextBackbone clip = TinyClip.text(DataType.DOUBLE, 3);
                TokenBatch batch = TinyClip.texts();
                Memory memory = new Memory(DataType.DOUBLE)) {
            OutputRoute<TokenBatch> route = OutputRoute.of(clip, OPTIONS, 1);
            try (ParameterGroups groups = new ParameterGroups(route.trainable())) {
                INDArray result = TestArrays.blank(DataType.DOUBLE, route.resultShape(batch));
                double[] cotangent = TestArrays.normal((int) result.length(), 9);
                assertThat(result.shape()).containsExactly(2, clip.featureWidth());

                step(route, clip, batch, memory, result, cotangent);

                for (Parameter parameter : groups.parameters()) {
                    CentralDifferences.check(parameter.name(), parameter.value(), parameter.gradient(), () -> {
                        memory.reset();
                        route.forward(batch, clip.context(memory, batch, OptionalLong.empty()), result);
                        return CentralDifferences.weightedSum(result, cotangent);
                    });
                }
                assertThat(clip.parameters()).noneMatch(Parameter::trainable);
            }
        }
    }

    @Test
    void takesTheStatesOfTheCacheAndReadsTheFeatureFromThem(@TempDir Path folder) throws IOException {
        try (ClipTextBackbone clip = TinyClip.text(DataType.FLOAT, 3);
                TokenBatch batch = TinyClip.texts();
                Memory memory = new Memory(DataType.FLOAT);
                StateCache cache = StateCache.create(folder, 1 << 20)) {
            OutputRoute<TokenBatch> route = OutputRoute.of(clip, OPTIONS, 1);
            INDArray result = TestArrays.blank(DataType.FLOAT, route.resultShape(batch));
            route.infer(batch, clip.context(memory, batch, OptionalLong.empty()), result);
            double[] expected = numbers(result);
            route.cacheStates(cache);
            for (int round = 0; round < 2; round++) {
                memory.reset();
                TestArrays.fill(result, Double.NaN);
                route.forward(batch, clip.context(memory, batch, OptionalLong.empty()), result);
                assertThat(numbers(result)).isEqualTo(expected);
                assertThat(cache.size()).isEqualTo(2);
                clip.parameters()
                        .forEach(
                                parameter -> { // only the feature's own parameters are asked for again
                                    if (parameter.name().contains("encoder")
                                            || parameter.name().contains("embeddings")) {
                                        TestArrays.fill(parameter.value(), 0);
                                    }
                                });
            }
        }
    }

    @Test
    void moreLayersTakeNoMoreMemoryAndAWarmStepMakesNothingNative() {
        List<Long> bytes = new ArrayList<>();
        for (int layers : new int[] {6, 12}) {
            try (ClipTextBackbone clip = TinyClip.text(DataType.FLOAT, layers);
                    TokenBatch batch = TinyClip.texts();
                    Memory memory = new Memory(DataType.FLOAT);
                    SherlAdapter adapter = adapter(OPTIONS, 3)) {
                OutputRoute<TokenBatch> route = new OutputRoute<>(clip, adapter, List.of(0, 2, layers));
                try (ParameterGroups groups = new ParameterGroups(route.trainable())) {
                    INDArray result = TestArrays.blank(DataType.FLOAT, route.resultShape(batch));
                    INDArray gradient = TestArrays.normal(DataType.FLOAT, 2, result.shape());
                    Runnable step = () -> {
                        memory.reset();
                        Context context = clip.context(memory, batch, OptionalLong.empty());
                        route.forward(batch, context, result).backward(gradient);
                    };
                    for (int round = 0; round < 3; round++) {
                        step.run();
                    }
                    bytes.add(memory.bytes());
                    assertThat(NativeBytes.created(step)).isZero();
                    assertThat(groups.count()).isPositive();
                }
            }
        }
        assertThat(bytes.get(0)).isPositive().isEqualTo(bytes.get(1));
    }

    @Test
    void refusesOtherAdaptersAndTaps() {
        try (ClipTextBackbone clip = TinyClip.text(DataType.FLOAT, 3);
                SherlAdapter two = adapter(OPTIONS, 2);
                SherlAdapter inside = adapter(AdapterOptions.vseText(3), 2)) {
            assertRefused(clip, two, List.of(0, 1, 3), "adapter must be made for 3 tapped states, but is made for 2");
            assertRefused(
                    clip, two, List.of(0, 2), "the last tap must be 3, the state that the feature is of, but is 2");
            assertRefused(
                    clip,
                    inside,
                    List.of(0, 3),
                    "adapter must take its guide from outside, but takes it from the tapped states");
            assertThatThrownBy(() -> OutputRoute.of(clip, AdapterOptions.vseText(3), 1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("options must take the guide from outside, but take it from the tapped states");
        }
    }

    private static void assertRefused(
            FeatureBackbone<?> clip, SherlAdapter adapter, List<Integer> taps, String message) {
        assertThatThrownBy(() -> new OutputRoute<>(clip, adapter, taps))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    private static SherlAdapter adapter(AdapterOptions options, int taps) {
        long width = TinyClip.WIDTH;
        long result = options.guideFromOutside() ? TinyClip.textConfig(1).feature() : width;
        return new SherlAdapter(options, Collections.nCopies(taps, width), result, DataType.FLOAT, 1);
    }

    private static void step(
            OutputRoute<TokenBatch> route,
            ClipTextBackbone clip,
            TokenBatch batch,
            Memory memory,
            INDArray result,
            double[] cotangent) {
        Context context = clip.context(memory, batch, OptionalLong.empty());
        double[] inferred;
        route.infer(batch, context, result);
        inferred = numbers(result);
        OutputRoute.Kept kept = route.forward(batch, context, result);
        assertThat(numbers(result)).isEqualTo(inferred);
        kept.backward(TestArrays.of(DataType.DOUBLE, cotangent, result.shape()));
    }
}
