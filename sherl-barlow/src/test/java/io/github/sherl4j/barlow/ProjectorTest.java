package io.github.sherl4j.barlow;

import static io.github.sherl4j.TestArrays.numbers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sherl4j.CentralDifferences;
import io.github.sherl4j.NativeBytes;
import io.github.sherl4j.TestArrays;
import io.github.sherl4j.layer.BatchNorm;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.LayerFactory;
import io.github.sherl4j.layer.LayerStep;
import io.github.sherl4j.layer.Linear;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.layer.ParameterGroups;
import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.nd.Rng;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class ProjectorTest {
    private final Memory memory = new Memory(DataType.DOUBLE);
    private final Context context = Context.of(memory);

    @AfterEach
    void free() {
        memory.close();
    }

    /** No hidden layer, one, and several that get wider and narrower. */
    static Stream<Arguments> widths() {
        return Stream.of(new long[] {3, 4}, new long[] {3, 5, 2}, new long[] {3, 5, 6, 4, 3})
                .flatMap(widths ->
                        Stream.of(BatchNorm.Statistics.values()).map(statistics -> Arguments.of(widths, statistics)));
    }

    @ParameterizedTest
    @MethodSource("widths")
    void gradientsAreThoseOfCentralDifferences(long[] widths, BatchNorm.Statistics statistics) {
        Projector projector = projector(widths);
        projector.statistics(statistics);
        // With the shifts at 0 a row that no unit of a layer responds to would meet the next relu at its kink.
        for (Parameter parameter : projector.parameters()) {
            if (!parameter.decays()) {
                TestArrays.set(
                        parameter.value(),
                        TestArrays.normal((int) parameter.value().length(), 4));
            }
        }
        INDArray input = TestArrays.normal(DataType.DOUBLE, 2, 8, 3);
        INDArray result = TestArrays.blank(DataType.DOUBLE, projector.outputShape(8, 3));
        double[] cotangent = TestArrays.normal((int) result.length(), 3);
        try (ParameterGroups groups = new ParameterGroups(projector.parameters())) {
            LayerStep step = projector.forward(input, context, result);
            INDArray gradOutput = TestArrays.of(DataType.DOUBLE, cotangent, result.shape());
            INDArray gradInput = TestArrays.of(DataType.DOUBLE, numbers(step.backward(gradOutput)), input.shape());
            assertThat(numbers(gradOutput)).isEqualTo(cotangent);

            Runnable forward = () -> {
                memory.reset();
                projector.forward(input, context, result);
            };
            CentralDifferences.check("input", input, gradInput, () -> {
                forward.run();
                return CentralDifferences.weightedSum(result, cotangent);
            });
            for (Parameter parameter : groups.parameters()) {
                CentralDifferences.check(parameter.name(), parameter.value(), parameter.gradient(), () -> {
                    forward.run();
                    return CentralDifferences.weightedSum(result, cotangent);
                });
            }
        }
    }

    @ParameterizedTest
    @MethodSource("widths")
    void infersOnRunningStatistics(long[] widths, BatchNorm.Statistics statistics) {
        Projector projector = projector(widths);
        projector.statistics(statistics);
        INDArray input = TestArrays.normal(DataType.DOUBLE, 2, 2, 3, 3);
        long[] shape = projector.outputShape(2, 3, 3);
        INDArray forward = TestArrays.blank(DataType.DOUBLE, shape);
        INDArray inferred = TestArrays.blank(DataType.DOUBLE, shape);
        projector.forward(input, context, forward);
        List<double[]> buffers =
                projector.buffers().stream().map(b -> numbers(b.value())).toList();

        projector.infer(input, context, inferred);
        projector.statistics(BatchNorm.Statistics.RUNNING);
        projector.forward(input, context, forward);

        assertThat(numbers(inferred)).isEqualTo(numbers(forward));
        assertThat(projector.buffers().stream().map(b -> numbers(b.value())).toList())
                .usingRecursiveComparison()
                .isEqualTo(buffers);
    }

    @Test
    void layersAreNamedAndNumberedAsInAChain() {
        Projector projector = projector(3, 5, 2);

        assertThat(projector.parameters())
                .extracting(Parameter::name)
                .containsExactly("p.0.weight", "p.1.weight", "p.1.bias", "p.3.weight");
        assertThat(projector.buffers())
                .extracting(Parameter::name)
                .containsExactly("p.1.running_mean", "p.1.running_var");
        assertThat(projector.outputShape(7, 3)).containsExactly(7, 2);
    }

    @Test
    void aWarmStepOfTwoViewsMakesNothingNative() {
        Projector projector = projector(3, 6, 4, 2);
        INDArray first = TestArrays.normal(DataType.DOUBLE, 2, 5, 3);
        INDArray second = TestArrays.normal(DataType.DOUBLE, 3, 5, 3);
        INDArray result1 = TestArrays.blank(DataType.DOUBLE, 5, 2);
        INDArray result2 = TestArrays.blank(DataType.DOUBLE, 5, 2);
        try (ParameterGroups groups = new ParameterGroups(projector.parameters())) {
            Runnable step = () -> {
                memory.reset();
                LayerStep step1 = projector.forward(first, context, result1);
                LayerStep step2 = projector.forward(second, context, result2);
                step1.backward(result1);
                step2.backward(result2);
            };
            step.run();
            step.run();
            assertThat(groups.groups()).hasSize(2);
            assertThat(NativeBytes.created(step)).isZero();
        }
    }

    @Test
    void keepsNormalizedRowsAndActivationsOnly() {
        Projector projector = projector(3, 6, 4, 2);
        INDArray input = TestArrays.normal(DataType.DOUBLE, 2, 5, 3);
        INDArray result = TestArrays.blank(DataType.DOUBLE, 5, 2);
        long hidden = 2 * 5 * (6 + 4) + 6 + 4;
        assertThat(projector.forward(input, context, result).keptBytes()).isEqualTo(hidden * Double.BYTES);
        try (ParameterGroups groups = new ParameterGroups(projector.parameters())) {
            assertThat(groups.count()).isEqualTo(3 * 6 + 6 * 4 + 4 * 2 + 2 * (6 + 4));
            memory.reset();
            assertThat(projector.forward(input, context, result).keptBytes()).isEqualTo((hidden + 15) * Double.BYTES);
        }
    }

    @Test
    void refusesLayersThatDoNotFit() {
        Linear plain = new Linear(Parameter.weight("a", TestArrays.normal(DataType.DOUBLE, 1, 4, 3)), null);
        Linear other = new Linear(Parameter.weight("b", TestArrays.normal(DataType.DOUBLE, 1, 2, 5)), null);
        Linear biased;
        BatchNorm norm;
        try (Rng rng = new Rng(1)) {
            LayerFactory factory = new LayerFactory(DataType.DOUBLE, rng);
            biased = factory.linear("c", 3, 4);
            norm = factory.batchNorm("n", 4, 1e-5);
            assertRefused(() -> Projector.create("p", factory, 3), "widths must be at least 2, but are 1");
            assertRefused(() -> Projector.create("p", factory, 3, 0), "widths must be positive, but one is 0");
        }
        assertRefused(
                () -> new Projector(List.of(plain), List.of(norm)),
                "linears must be one more than norms, which are 1, but are 1");
        assertRefused(() -> new Projector(List.of(biased), List.of()), "c.weight must have no bias, but has one");
        assertRefused(
                () -> new Projector(List.of(plain, other), List.of(norm)), "b must have shape [*, 4], but has [2, 5]");
        Projector projector = new Projector(List.of(plain), List.of());
        INDArray wide = TestArrays.normal(DataType.DOUBLE, 1, 2, 4);
        assertRefused(() -> projector.infer(wide, context, wide), "input of a must be [..., 3], but has shape [2, 4]");
    }

    private static void assertRefused(Runnable call, String message) {
        assertThatThrownBy(call::run)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    private static Projector projector(long... widths) {
        try (Rng rng = new Rng(1)) {
            return Projector.create("p", new LayerFactory(DataType.DOUBLE, rng), widths);
        }
    }
}
