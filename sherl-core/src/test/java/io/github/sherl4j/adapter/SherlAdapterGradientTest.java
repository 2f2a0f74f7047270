package io.github.sherl4j.adapter;

import static io.github.sherl4j.TestArrays.numbers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sherl4j.CentralDifferences;
import io.github.sherl4j.TestArrays;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.nd.Memory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class SherlAdapterGradientTest {
    private static final AdapterOptions OPTIONS = AdapterOptions.vseText(3).withDropout(0.3);

    @ParameterizedTest
    @CsvSource({"1,1,1,4", "1,2,2,4", "2,1,1,4", "2,2,2,4", "4,1,2,4"})
    void gradientsAreThoseOfCentralDifferences(int taps, int batch, int tokens, int width) {
        try (AdapterSetting setting = new AdapterSetting(DataType.DOUBLE, taps, batch, tokens, width, OPTIONS)) {
            setting.seed = OptionalLong.of(3);
            List<INDArray> gradients = setting.backward();

            for (int i = 0; i < taps; i++) {
                CentralDifferences.check("state " + i, setting.states.get(i), gradients.get(i), setting::loss);
            }
            for (Parameter parameter : setting.adapter.parameters()) {
                CentralDifferences.check(parameter.name(), parameter.value(), parameter.gradient(), setting::loss);
            }
        }
    }

    @Test
    void parametersGetTheSameGradientsWithoutThoseOfTheStatesAndTheyAddUp() {
        try (AdapterSetting setting = new AdapterSetting(DataType.DOUBLE, 3, 2, 3, 5, OPTIONS)) {
            setting.backward();
            List<double[]> once = gradients(setting);
            setting.groups.zeroGradients();
            INDArray gradient = TestArrays.of(DataType.DOUBLE, setting.cotangent, setting.result.shape());
            setting.forward().backward(gradient);
            assertThat(gradients(setting)).usingRecursiveComparison().isEqualTo(once);

            setting.backward();
            List<double[]> twice = gradients(setting);
            for (int i = 0; i < once.size(); i++) {
                assertThat(TestArrays.difference(twice.get(i), TestArrays.each(once.get(i), x -> 2 * x)))
                        .isLessThan(1e-11);
            }
        }
    }

    @Test
    void aFrozenAdapterPassesTheSameGradientsOn() {
        try (AdapterSetting trained = new AdapterSetting(DataType.DOUBLE, 3, 2, 3, 5, OPTIONS);
                SherlAdapter frozen = new SherlAdapter(OPTIONS, 3, 5, DataType.DOUBLE, 2);
                Memory memory = new Memory(DataType.DOUBLE)) {
            List<Parameter> parameters = trained.adapter.parameters();
            for (int i = 0; i < parameters.size(); i++) {
                TestArrays.set(
                        frozen.parameters().get(i).value(),
                        numbers(parameters.get(i).value()));
            }
            List<INDArray> expected = trained.backward();
            List<INDArray> found = new ArrayList<>();
            expected.forEach(gradient -> found.add(TestArrays.blank(DataType.DOUBLE, gradient.shape())));

            SherlAdapter.Kept kept = frozen.forward(trained.input(), Context.of(memory), trained.result);
            kept.backward(
                    TestArrays.of(DataType.DOUBLE, trained.cotangent, 2, 3, 5),
                    trained.input(),
                    AdapterGradients.of(found));

            for (int i = 0; i < 3; i++) {
                assertThat(numbers(found.get(i))).isEqualTo(numbers(expected.get(i)));
            }
            assertThat(frozen.parameters()).noneMatch(Parameter::trainable);
        }
    }

    @Test
    void theGuideAloneHasNothingToConsolidate() {
        try (AdapterSetting setting = new AdapterSetting(DataType.DOUBLE, 1, 2, 3, 5, OPTIONS)) {
            SherlAdapter.Kept kept = setting.forward();
            assertThat(setting.adapter.parameters())
                    .extracting(Parameter::name)
                    .noneMatch(name -> name.startsWith("adapter.attention"));
            assertThatThrownBy(kept::layerWeights)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("The guide is the only tapped state: there is nothing to consolidate");
            assertThatThrownBy(kept::redundancies).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void hasAsManyParametersAsThePaperSaysAndTheyStartBySeed() {
        AdapterOptions published = AdapterOptions.vseText(512);
        try (SherlAdapter adapter = new SherlAdapter(published, 12, 768, DataType.FLOAT, 1)) {
            long count = adapter.parameters().stream()
                    .mapToLong(parameter -> parameter.value().length())
                    .sum();
            assertThat(count).isEqualTo(5_133_058); // 5.13 million
            assertThat(adapter.options()).isEqualTo(published);
        }
        assertThat(initial(1)).isEqualTo(initial(1)).isNotEqualTo(initial(2));
    }

    @Test
    void closingFreesWhatNoModelTrains() {
        SherlAdapter adapter = new SherlAdapter(OPTIONS, 2, 4, DataType.FLOAT, 1);
        adapter.close();
        assertThat(adapter.parameters()).allMatch(parameter -> parameter.value().wasClosed());
    }

    private static double[] initial(long seed) {
        try (SherlAdapter adapter = new SherlAdapter(OPTIONS, 2, 4, DataType.FLOAT, seed)) {
            return adapter.parameters().stream()
                    .flatMapToDouble(parameter -> Arrays.stream(numbers(parameter.value())))
                    .toArray();
        }
    }

    private static List<double[]> gradients(AdapterSetting setting) {
        return setting.adapter.parameters().stream()
                .map(parameter -> numbers(parameter.gradient()))
                .toList();
    }
}
