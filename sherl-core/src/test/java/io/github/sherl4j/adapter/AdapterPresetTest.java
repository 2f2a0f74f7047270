package io.github.sherl4j.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sherl4j.CentralDifferences;
import io.github.sherl4j.NativeBytes;
import io.github.sherl4j.TestArrays;
import io.github.sherl4j.layer.BatchNorm.Statistics;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.Parameter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** What every published variant promises. */
class AdapterPresetTest {
    private static final int TAPS = 3;
    private static final int BATCH = 2;
    private static final int TOKENS = 4;

    static AdapterSetting setting(AdapterPreset preset, DataType type) {
        AdapterOptions options = preset.options(3);
        return switch (options.reduction()) {
            case LINEAR_NORM, GATED -> new AdapterSetting(type, TAPS, BATCH, TOKENS, 5, options);
            case POOLED ->
                new AdapterSetting(
                        type,
                        options,
                        List.of(new long[] {BATCH, 8, 4, 2}, new long[] {BATCH, 4, 2, 3}, new long[] {BATCH, 2, 1, 5}),
                        0);
            case SPATIAL -> {
                AdapterSetting setting =
                        new AdapterSetting(type, options, Collections.nCopies(TAPS, new long[] {BATCH, TOKENS, 5}), 6);
                setting.mask = TestArrays.of(type, new double[] {1, 1, 1, 0, 1, 1, 1, 1}, BATCH, TOKENS);
                setting.baseTokens = Nd4j.createFromArray(2, 3);
                yield setting;
            }
        };
    }

    @ParameterizedTest
    @EnumSource
    void gradientsAreThoseOfCentralDifferencesWithDropoutToo(AdapterPreset preset) {
        try (AdapterSetting setting = setting(preset, DataType.DOUBLE)) {
            setting.seed = OptionalLong.of(3);
            for (Statistics statistics : Statistics.values()) {
                if (statistics == Statistics.RUNNING
                        && setting.adapter.buffers().isEmpty()) {
                    continue;
                }
                setting.adapter.statistics(statistics);
                setting.groups.zeroGradients();
                List<INDArray> gradients = setting.backward();
                for (int i = 0; i < TAPS; i++) {
                    CentralDifferences.check("state " + i, setting.states.get(i), gradients.get(i), setting::loss);
                }
                if (setting.feature != null) {
                    CentralDifferences.check("feature", setting.feature, gradients.get(TAPS), setting::loss);
                }
                for (Parameter parameter : setting.adapter.parameters()) {
                    CentralDifferences.check(parameter.name(), parameter.value(), parameter.gradient(), setting::loss);
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void infersWhatItComputesForwardAndLeavesItsInputAloneInEveryRound(AdapterPreset preset) {
        for (DataType type : new DataType[] {DataType.FLOAT, DataType.DOUBLE}) {
            try (AdapterSetting setting = setting(preset, type)) {
                setting.adapter.statistics(Statistics.RUNNING);
                List<double[]> before =
                        setting.states.stream().map(TestArrays::numbers).toList();
                double[] first = setting.output();
                for (int round = 0; round < 2; round++) {
                    assertThat(setting.inferred()).isEqualTo(first);
                    setting.backward();
                    assertThat(setting.output()).isEqualTo(first);
                }
                assertThat(setting.states.stream().map(TestArrays::numbers).toList())
                        .usingRecursiveComparison()
                        .isEqualTo(before);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void theParametersGetTheSameGradientsWithoutThoseOfTheInput(AdapterPreset preset) {
        try (AdapterSetting setting = setting(preset, DataType.DOUBLE)) {
            setting.backward();
            List<double[]> expected = gradients(setting);
            setting.groups.zeroGradients();
            SherlAdapter.Kept kept = setting.forward();
            for (int i = 0; i < TAPS; i++) { // states that are not kept may end with the forward pass
                if (!setting.adapter.keepsState(i)) {
                    TestArrays.fill(setting.states.get(i), Double.NaN);
                }
            }
            kept.backward(TestArrays.of(DataType.DOUBLE, setting.cotangent, setting.result.shape()));
            assertThat(gradients(setting)).usingRecursiveComparison().isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aWarmRoundMakesNoNativeObject(AdapterPreset preset) {
        try (AdapterSetting setting = setting(preset, DataType.FLOAT)) {
            INDArray gradient = TestArrays.of(DataType.FLOAT, setting.cotangent, setting.result.shape());
            Runnable round = () -> setting.forward().backward(gradient);
            for (int i = 0; i < 3; i++) { // arenas learn, then views and operations do
                round.run();
            }
            assertThat(NativeBytes.created(round)).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource
    void zeroStatesHaveWeightZeroAndEverythingStaysFinite(AdapterPreset preset) {
        for (DataType type : new DataType[] {DataType.FLOAT, DataType.DOUBLE}) {
            try (AdapterSetting setting = setting(preset, type)) {
                for (Parameter parameter : setting.adapter.parameters()) {
                    if (parameter.name().startsWith("adapter.reduction.0")) {
                        TestArrays.fill(parameter.value(), 0);
                    }
                }
                SherlAdapter.Kept kept = setting.forward();
                double[] output = TestArrays.numbers(setting.result);
                int shallow = (int) kept.layerWeights().size(1);
                double[] weights = TestArrays.numbers(kept.layerWeights());
                double[] redundancies = TestArrays.numbers(kept.redundancies());
                for (int i = 0; i < weights.length; i += shallow) {
                    assertThat(weights[i]).isZero();
                    assertThat(redundancies[i]).isZero();
                }
                assertFinite(output);
                setting.backward().forEach(gradient -> assertFinite(TestArrays.numbers(gradient)));
                gradients(setting).forEach(AdapterPresetTest::assertFinite);
                assertFinite(setting.inferred());
            }
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = AdapterPreset.class,
            names = {"CLIP_VIDEO", "CLIP_VIDEO_UNGATED"})
    void ofAMaskedRowTheBaseTokenAloneIsLeft(AdapterPreset preset) {
        try (AdapterSetting setting = setting(preset, DataType.DOUBLE)) {
            setting.mask = TestArrays.of(DataType.DOUBLE, new double[] {0, 0, 0, 0, 1, 1, 1, 1}, BATCH, TOKENS);
            double[] before = setting.output();
            assertFinite(before);
            setting.backward().forEach(gradient -> assertFinite(TestArrays.numbers(gradient)));
            gradients(setting).forEach(AdapterPresetTest::assertFinite);
            for (INDArray state : setting.states) {
                for (int token : new int[] {0, 1, 3}) { // 2 is the base token of the first example
                    for (int i = 0; i < 5; i++) {
                        state.putScalar(new long[] {0, token, i}, 7);
                    }
                }
            }
            assertThat(setting.output()).isEqualTo(before);
        }
    }

    @Test
    void theFirstTokenIsTheBaseUnlessToldOtherwise() {
        try (AdapterSetting setting = setting(AdapterPreset.CLIP_VIDEO, DataType.DOUBLE)) {
            setting.mask = null;
            setting.baseTokens = null;
            double[] expected = setting.output();
            double[] redundancies = TestArrays.numbers(setting.forward().redundancies());
            setting.mask = TestArrays.of(DataType.DOUBLE, new double[] {1, 1, 1, 1, 1, 1, 1, 1}, BATCH, TOKENS);
            setting.baseTokens = Nd4j.createFromArray(0, 0);
            assertThat(setting.output()).isEqualTo(expected);
            setting.baseTokens = Nd4j.createFromArray(0, 1);
            double[] others = TestArrays.numbers(setting.forward().redundancies());
            assertThat(Arrays.copyOf(others, TAPS)).isEqualTo(Arrays.copyOf(redundancies, TAPS));
            assertThat(Arrays.copyOfRange(others, TAPS, 2 * TAPS))
                    .isNotEqualTo(Arrays.copyOfRange(redundancies, TAPS, 2 * TAPS));
        }
    }

    @Test
    void batchNormsTrainOnTheBatchAndInferOnRunningStatistics() {
        try (AdapterSetting setting = setting(AdapterPreset.VSE_IMAGE, DataType.DOUBLE)) {
            List<double[]> fresh = buffers(setting);
            double[] trained = setting.output();
            List<double[]> moved = buffers(setting);
            assertThat(setting.inferred()).isNotEqualTo(trained);
            assertThat(buffers(setting)).usingRecursiveComparison().isEqualTo(moved);
            for (int i = 0; i < moved.size(); i++) {
                assertThat(moved.get(i)).isNotEqualTo(fresh.get(i));
            }
            for (int step = 0; step < 200; step++) {
                setting.forward();
            }
            // after many equal batches running statistics are the batch's, but for the unbiased variance
            assertThat(TestArrays.difference(setting.inferred(), trained)).isLessThan(1);
            setting.adapter.statistics(Statistics.RUNNING);
            assertThat(setting.output()).isEqualTo(setting.inferred());
        }
    }

    @Test
    void picturesKeepTheirPooledStatesAlone() {
        try (AdapterSetting setting = setting(AdapterPreset.VSE_IMAGE, DataType.DOUBLE)) {
            assertThat(setting.adapter.keepsState(0)).isFalse();
            assertThat(setting.adapter.keepsState(2)).isTrue();
            assertThat(setting.forward().states()).containsExactly(setting.states.get(2));
            long kept = setting.forward().keptBytes();
            long pooled = 4 * (2 + 3 + 5);
            long reduced = 3 * 4 * 3;
            long norms = reduced + 3 * 3 + 4 * 5 + 5;
            long consolidation = 4 * (2 * 2 + 4 * 2 + 1) + 4 * 3;
            long expansion = 4 * 5;
            long guide = 4 * 5 + 1;
            assertThat(kept / Double.BYTES).isEqualTo(pooled + reduced + norms + consolidation + expansion + guide);
        }
    }

    @Test
    void refusesInputsThatDoNotFit() {
        try (AdapterSetting text = setting(AdapterPreset.T5, DataType.FLOAT);
                AdapterSetting image = setting(AdapterPreset.VSE_IMAGE, DataType.FLOAT);
                AdapterSetting clip = setting(AdapterPreset.CLIP_VIDEO, DataType.FLOAT)) {
            INDArray feature = TestArrays.normal(DataType.FLOAT, 1, BATCH, 6);
            assertRefused(
                    text,
                    AdapterInput.of(text.states, feature),
                    "feature, mask and baseTokens must be null with the reduction GATED");
            assertRefused(
                    text, with(text.states, 1, BATCH, 3, 5), "state 1 must have shape [2, 4, *], but has [2, 3, 5]");
            assertRefused(
                    text, with(text.states, 0, BATCH, TOKENS, 4), "state 0 must be [..., 5], but has shape [2, 4, 4]");
            assertRefused(
                    image,
                    with(image.states, 0, BATCH, 7, 4, 2),
                    "state 0 must have a whole multiple of the pixels of the guide [2, 2, 1, 5] each way,"
                            + " but has shape [2, 7, 4, 2]");
            assertRefused(
                    image,
                    with(image.states, 1, BATCH, TOKENS, 3),
                    "state 1 must be [batch, height, width, channels], but has shape [2, 4, 3]");
            assertRefused(
                    clip,
                    AdapterInput.of(clip.states),
                    "feature must be given, since this adapter takes its guide from outside, but is null");
            assertRefused(
                    clip,
                    AdapterInput.of(clip.states, TestArrays.normal(DataType.FLOAT, 1, BATCH, 5)),
                    "feature must have shape [2, 6], but has [2, 5]");
            assertRefused(
                    clip,
                    AdapterInput.of(clip.states, feature).withMask(TestArrays.normal(DataType.FLOAT, 1, 1, TOKENS)),
                    "mask must have shape [2, 4], but has [1, 4]");
            assertRefused(
                    clip,
                    AdapterInput.of(clip.states, feature).withBaseTokens(Nd4j.createFromArray(1)),
                    "baseTokens must have shape [2], but has [1]");
        }
        assertThatThrownBy(() -> new SherlAdapter(AdapterOptions.vseImage(2), List.of(3L, 4L), 5, DataType.FLOAT, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("resultWidth must be 4, that of the guide, but is 5");
    }

    private static AdapterInput with(List<INDArray> states, int index, long... shape) {
        List<INDArray> others = new ArrayList<>(states);
        others.set(index, TestArrays.normal(DataType.FLOAT, 1, shape));
        return AdapterInput.of(others);
    }

    private static void assertRefused(AdapterSetting setting, AdapterInput input, String message) {
        Context context = Context.of(setting.memory);
        for (Runnable work : List.<Runnable>of(
                () -> setting.adapter.infer(input, context, setting.result),
                () -> setting.adapter.forward(input, context, setting.result))) {
            assertThatThrownBy(work::run)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(message);
        }
    }

    private static List<double[]> gradients(AdapterSetting setting) {
        return setting.adapter.parameters().stream()
                .map(parameter -> TestArrays.numbers(parameter.gradient()))
                .toList();
    }

    private static List<double[]> buffers(AdapterSetting setting) {
        return setting.adapter.buffers().stream()
                .map(buffer -> TestArrays.numbers(buffer.value()))
                .toList();
    }

    private static void assertFinite(double[] numbers) {
        assertThat(Arrays.stream(numbers)).allMatch(Double::isFinite);
    }
}
