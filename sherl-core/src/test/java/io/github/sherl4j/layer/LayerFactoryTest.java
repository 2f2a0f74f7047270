package io.github.sherl4j.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.sherl4j.TestArrays;
import io.github.sherl4j.nd.Rng;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;

class LayerFactoryTest {
    @Test
    void linearLayersStartUniformWithinTheInverseRootOfTheirInputs() {
        List<Parameter> parameters = linear(5);

        assertThat(parameters).extracting(Parameter::name).containsExactly("a.weight", "a.bias");
        assertThat(parameters).extracting(Parameter::decays).containsExactly(true, false);
        assertThat(parameters.get(0).value().shape()).containsExactly(300, 25);
        assertThat(parameters.get(1).value().shape()).containsExactly(300);
        for (Parameter parameter : parameters) {
            double[] numbers = TestArrays.numbers(parameter.value());
            double largest = Arrays.stream(numbers).map(Math::abs).max().orElseThrow();
            double square = Arrays.stream(numbers).map(x -> x * x).average().orElseThrow();
            assertThat(largest).isBetween(0.19, 0.2 + 1e-7);
            assertThat(square).isCloseTo(0.04 / 3, within(0.002));
        }
    }

    @ParameterizedTest
    @CsvSource({"NORMAL_002,0.02,0", "NORMAL_001,0.01,0", "XAVIER_UNIFORM,0.0784465,0.2"})
    void otherInitialisationsHaveTheirDeviationsAndBiases(
            Initialization initialization, double deviation, double bias) {
        try (Rng rng = new Rng(5)) {
            LayerFactory make = new LayerFactory(DataType.FLOAT, rng, initialization);
            for (Linear linear : List.of(make.linear("a", 25, 300), make.projection("a", 25, 300))) {
                double[] weights = TestArrays.numbers(linear.parameters().get(0).value());
                double square = Arrays.stream(weights).map(x -> x * x).average().orElseThrow();
                assertThat(Math.sqrt(square)).isCloseTo(deviation, within(0.03 * deviation));
                assertThat(Arrays.stream(weights).average().orElseThrow()).isCloseTo(0, within(0.06 * deviation));
                double largest = Arrays.stream(weights).map(Math::abs).max().orElseThrow();
                if (initialization == Initialization.XAVIER_UNIFORM) {
                    double bound = Math.sqrt(6.0 / 325);
                    assertThat(largest).isBetween(0.95 * bound, bound + 1e-7);
                } else {
                    assertThat(largest).isBetween(3 * deviation, 6 * deviation);
                }
            }
            double[] biases =
                    numbers(List.of(make.linear("a", 25, 300).parameters().get(1)));
            double largest = Arrays.stream(biases).map(Math::abs).max().orElseThrow();
            assertThat(largest).isBetween(0.95 * bias, bias + 1e-7);
        }
    }

    @Test
    void equalSeedsGiveEqualLayers() {
        assertThat(numbers(linear(5))).isEqualTo(numbers(linear(5))).isNotEqualTo(numbers(linear(6)));
    }

    @Test
    void normsStartAsTheIdentity() {
        try (Rng rng = new Rng(1)) {
            List<Parameter> parameters =
                    new LayerFactory(DataType.DOUBLE, rng).norm("n", 3, 1e-5).parameters();

            assertThat(parameters).extracting(Parameter::name).containsExactly("n.weight", "n.bias");
            assertThat(parameters).noneMatch(Parameter::decays);
            assertThat(TestArrays.numbers(parameters.get(0).value())).containsExactly(1, 1, 1);
            assertThat(TestArrays.numbers(parameters.get(1).value())).containsExactly(0, 0, 0);
        }
    }

    @Test
    void batchNormsStartAsTheIdentityOnBatchStatistics() {
        try (Rng rng = new Rng(1)) {
            BatchNorm norm = new LayerFactory(DataType.DOUBLE, rng).batchNorm("n", 2, 1e-5);

            assertThat(norm.statistics()).isEqualTo(BatchNorm.Statistics.BATCH);
            assertThat(norm.parameters()).extracting(Parameter::name).containsExactly("n.weight", "n.bias");
            assertThat(norm.parameters()).noneMatch(Parameter::decays);
            assertThat(numbers(norm.parameters())).containsExactly(1, 1, 0, 0);
            assertThat(norm.buffers()).extracting(Parameter::name).containsExactly("n.running_mean", "n.running_var");
            assertThat(numbers(norm.buffers())).containsExactly(0, 0, 1, 1);
        }
    }

    @Test
    void aProjectionIsALinearLayerWithoutBias() {
        try (Rng rng = new Rng(5)) {
            List<Parameter> parameters = new LayerFactory(DataType.FLOAT, rng)
                    .projection("a", 25, 300)
                    .parameters();

            assertThat(parameters).extracting(Parameter::name).containsExactly("a.weight");
            assertThat(numbers(parameters)).isEqualTo(numbers(linear(5).subList(0, 1)));
        }
    }

    private static List<Parameter> linear(long seed) {
        try (Rng rng = new Rng(seed)) {
            return new LayerFactory(DataType.FLOAT, rng).linear("a", 25, 300).parameters();
        }
    }

    private static double[] numbers(List<Parameter> parameters) {
        return parameters.stream()
                .flatMapToDouble(parameter -> Arrays.stream(TestArrays.numbers(parameter.value())))
                .toArray();
    }
}
