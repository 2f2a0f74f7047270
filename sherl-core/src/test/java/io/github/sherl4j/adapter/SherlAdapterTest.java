package io.github.sherl4j.adapter;

import static io.github.sherl4j.TestArrays.difference;
import static io.github.sherl4j.TestArrays.each;
import static io.github.sherl4j.TestArrays.numbers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.sherl4j.TestArrays;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.Parameter;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class SherlAdapterTest {
    private static final AdapterOptions OPTIONS = AdapterOptions.vseText(3).withDropout(0);

    @ParameterizedTest
    @CsvSource({"1,1,1,2,1", "1,2,3,4,3", "2,1,1,3,2", "3,2,1,5,4", "4,1,4,7,2", "6,3,2,8,5", "12,2,3,6,3"})
    void equalsASlowTranscriptionOfThePaper(int taps, int batch, int tokens, int width, int reduced) {
        AdapterOptions options = AdapterOptions.vseText(reduced).withDropout(0);
        try (AdapterSetting setting = new AdapterSetting(DataType.DOUBLE, taps, batch, tokens, width, options)) {
            SlowAdapter slow = new SlowAdapter(setting.adapter);
            SherlAdapter.Kept kept = setting.forward();
            double[] found = numbers(setting.result);
            for (int position = 0; position < batch * tokens; position++) {
                double[] expected = slow.at(setting.at(position));
                double[] at = Arrays.copyOfRange(found, position * width, (position + 1) * width);
                assertThat(difference(at, expected)).isLessThan(1e-10);
                if (taps > 1) {
                    assertThat(difference(row(kept.layerWeights(), position), slow.weights))
                            .isLessThan(1e-12);
                    assertThat(difference(row(kept.redundancies(), position), slow.redundancies))
                            .isLessThan(1e-12);
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = DataType.class,
            names = {"FLOAT", "DOUBLE"})
    void infersWhatItComputesForwardAndLeavesStatesAlone(DataType type) {
        for (int taps = 1; taps <= 4; taps++) {
            try (AdapterSetting setting = new AdapterSetting(type, taps, 2, 3, 5, OPTIONS)) {
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

    @Test
    void permutingShallowLayersWithTheirReductionsChangesNothing() {
        int[] order = {2, 0, 1, 3};
        try (AdapterSetting setting = new AdapterSetting(DataType.DOUBLE, 4, 2, 3, 5, OPTIONS);
                AdapterSetting permuted = new AdapterSetting(DataType.DOUBLE, 4, 2, 3, 5, OPTIONS)) {
            for (int i = 0; i < 4; i++) {
                permuted.states.set(i, setting.states.get(order[i]));
                for (String part : List.of("linear.weight", "linear.bias", "norm.weight", "norm.bias")) {
                    Parameter from = setting.parameter("adapter.reduction." + order[i] + "." + part);
                    Parameter to = permuted.parameter("adapter.reduction." + i + "." + part);
                    TestArrays.set(to.value(), numbers(from.value()));
                }
            }
            assertThat(difference(permuted.output(), setting.output())).isLessThan(1e-12);

            Collections.swap(permuted.states, 0, 3);
            assertThat(difference(permuted.output(), setting.output())).isGreaterThan(1e-3);
        }
    }

    @Test
    void redundancyDependsOnTheDirectionsAloneAndIsOneOrMore() {
        try (AdapterSetting setting = new AdapterSetting(DataType.DOUBLE, 4, 2, 3, 5, OPTIONS)) {
            double[] before = numbers(setting.forward().redundancies());
            for (String part : List.of("weight", "bias")) {
                Parameter parameter = setting.parameter("adapter.reduction.1.norm." + part);
                TestArrays.set(parameter.value(), each(numbers(parameter.value()), x -> 7 * x));
            }
            double[] after = numbers(setting.forward().redundancies());
            assertThat(difference(after, before)).isLessThan(1e-6);
            assertThat(Arrays.stream(before)).allMatch(redundancy -> redundancy > 1 - 1e-6 && redundancy < 3 + 1e-6);
        }
    }

    @Test
    void layerWeightsAddUpToOneWhereAnyShallowStateIsUsed() {
        try (AdapterSetting setting = new AdapterSetting(DataType.DOUBLE, 4, 3, 4, 5, OPTIONS)) {
            SherlAdapter.Kept kept = setting.forward();
            for (int position = 0; position < 12; position++) {
                double[] weights = row(kept.layerWeights(), position);
                double sum = Arrays.stream(weights).sum();
                assertThat(Arrays.stream(weights)).allMatch(weight -> weight >= 0);
                assertThat(sum)
                        .satisfiesAnyOf(
                                s -> assertThat(s).isCloseTo(1, within(1e-6)),
                                s -> assertThat(s).isZero());
            }
            assertThat(Arrays.stream(numbers(kept.layerWeights())).sum()).isGreaterThan(3);
        }
    }

    @Test
    void theGateIsClosedAtFirstAndOpensForTheGuide() {
        try (AdapterSetting setting = new AdapterSetting(DataType.DOUBLE, 3, 2, 3, 5, OPTIONS);
                SherlAdapter fresh = new SherlAdapter(OPTIONS, 3, 5, DataType.DOUBLE, 1)) {
            List<Parameter> parameters = fresh.parameters();
            assertThat(numbers(parameters.get(parameters.size() - 1).value())).containsExactly(0);
            for (String part : List.of("weight", "bias")) {
                TestArrays.fill(
                        setting.parameter("adapter.expansion.norm." + part).value(), 0);
            }
            TestArrays.fill(setting.parameter("adapter.gate").value(), 0);
            assertThat(setting.output()).containsOnly(0);

            double half = 0.1 * Math.log(3) / 2; // tanh(half / 0.1) = 0.5
            TestArrays.fill(setting.parameter("adapter.gate").value(), half);
            double[] guide = numbers(setting.states.get(2));
            assertThat(difference(setting.output(), each(guide, x -> x / 2))).isLessThan(1e-14);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = DataType.class,
            names = {"FLOAT", "DOUBLE"})
    void aZeroStateHasWeightZeroAndEverythingStaysFinite(DataType type) {
        for (int zeros = 1; zeros <= 3; zeros++) { // at last all shallow states and the guide
            try (AdapterSetting setting = new AdapterSetting(type, 3, 2, 3, 5, OPTIONS)) {
                for (int i = 0; i < zeros; i++) {
                    TestArrays.fill(
                            setting.parameter("adapter.reduction." + i + ".norm.weight")
                                    .value(),
                            0);
                    TestArrays.fill(
                            setting.parameter("adapter.reduction." + i + ".norm.bias")
                                    .value(),
                            0);
                }
                TestArrays.fill(setting.parameter("adapter.attention.bias").value(), 1);

                SherlAdapter.Kept kept = setting.forward();
                double[] output = numbers(setting.result);
                for (int position = 0; position < 6; position++) {
                    assertThat(row(kept.redundancies(), position)[0]).isZero();
                    assertThat(row(kept.layerWeights(), position)[0]).isZero();
                }
                assertFinite(output);
                assertThat(setting.inferred()).isEqualTo(output);
                setting.backward().forEach(gradient -> assertFinite(numbers(gradient)));
                setting.adapter.parameters().forEach(parameter -> assertFinite(numbers(parameter.gradient())));
            }
        }
    }

    @Test
    void dropoutIsSeededAndRoughlyKeepsTheExpectation() {
        try (AdapterSetting setting = new AdapterSetting(DataType.DOUBLE, 3, 2, 3, 5, OPTIONS.withDropout(0.5))) {
            double[] whole = setting.inferred();
            assertThat(setting.output()).as("without a seed").isEqualTo(whole);
            setting.seed = OptionalLong.of(1);
            double[] dropped = setting.output();
            assertThat(setting.output()).isEqualTo(dropped).isNotEqualTo(whole);
            setting.seed = OptionalLong.of(2);
            assertThat(setting.output()).isNotEqualTo(dropped);

            double[] mean = new double[whole.length];
            for (int seed = 0; seed < 200; seed++) {
                setting.seed = OptionalLong.of(seed);
                double[] output = setting.output();
                for (int i = 0; i < mean.length; i++) {
                    mean[i] += output[i] / 200;
                }
            }
            double largest = Arrays.stream(whole).map(Math::abs).max().orElseThrow();
            assertThat(difference(mean, whole)).isLessThan(5 * largest / Math.sqrt(200));
        }
    }

    @Test
    void refusesAnotherNumberOfStates() {
        try (AdapterSetting setting = new AdapterSetting(DataType.DOUBLE, 3, 1, 1, 4, OPTIONS)) {
            Context context = Context.of(setting.memory);
            assertThatThrownBy(() -> setting.adapter.infer(
                            AdapterInput.of(setting.states.subList(0, 2)), context, setting.result))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("states must be 3, one per tap, but are 2");
            assertThatThrownBy(() -> setting.adapter.forward(
                            AdapterInput.of(setting.states.subList(0, 2)), context, setting.result))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("states must be 3, one per tap, but are 2");
        }
        assertThatThrownBy(() -> new SherlAdapter(OPTIONS, 0, 4, DataType.DOUBLE, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("taps must be at least 1, the guide, but is 0");
    }

    private static void assertFinite(double[] numbers) {
        assertThat(Arrays.stream(numbers)).allMatch(Double::isFinite);
    }

    private static double[] row(INDArray array, int row) {
        int width = (int) array.size(1);
        return Arrays.copyOfRange(numbers(array), row * width, (row + 1) * width);
    }
}
