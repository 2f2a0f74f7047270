package io.github.sherl4j.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.sherl4j.TestArrays;
import io.github.sherl4j.nd.Rng;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
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
