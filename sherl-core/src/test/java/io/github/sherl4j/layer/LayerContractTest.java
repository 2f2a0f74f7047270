package io.github.sherl4j.layer;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sherl4j.CentralDifferences;
import io.github.sherl4j.TestArrays;
import io.github.sherl4j.nd.Memory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What every layer promises. */
class LayerContractTest {
    /** All arrays of this shape, and those made of it, fill whole cache lines: so the arena's bytes are exact. */
    private static final long[] ALIGNED = {2, 16, LayerCase.WIDTH};

    /** One layer in one memory, with an input and a cotangent for its result. */
    private static final class Setting implements AutoCloseable {
        final Memory memory;
        final Layer layer;
        final INDArray input;
        final INDArray result;
        final double[] cotangent;
        final Context context;
        private final List<ParameterGroups> groups = new ArrayList<>();

        Setting(LayerCase layerCase, DataType type, long[] shape) {
            memory = new Memory(type);
            layer = layerCase.make().apply(type);
            input = TestArrays.normal(type, 5, shape);
            result = TestArrays.blank(type, layer.outputShape(shape));
            cotangent = TestArrays.normal((int) result.length(), 6);
            context = layerCase.context().apply(memory, shape);
        }

        static Setting trained(LayerCase layerCase, DataType type, long[] shape) {
            Setting setting = new Setting(layerCase, type, shape);
            if (!setting.layer.parameters().isEmpty()) {
                setting.groups.add(new ParameterGroups(setting.layer.parameters()));
            }
            return setting;
        }

        /** A new round, forward. */
        LayerStep forward() {
            memory.reset();
            return layer.forward(input, context, result);
        }

        /** The gradient of the input, by a step. */
        double[] backward(LayerStep step) {
            INDArray gradOutput = memory.scratch().array(result.shape());
            TestArrays.set(gradOutput, cotangent);
            return TestArrays.numbers(step.backward(gradOutput));
        }

        double loss() {
            forward();
            return CentralDifferences.weightedSum(result, cotangent);
        }

        List<double[]> parameters() {
            return layer.parameters().stream()
                    .map(parameter -> TestArrays.numbers(parameter.value()))
                    .toList();
        }

        List<double[]> gradients() {
            return layer.parameters().stream()
                    .map(parameter -> TestArrays.numbers(parameter.gradient()))
                    .toList();
        }

        void zeroGradients() {
            groups.forEach(ParameterGroups::zeroGradients);
        }

        @Override
        public void close() {
            groups.forEach(ParameterGroups::close);
            layer.parameters().forEach(Parameter::close);
            memory.close();
        }
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("io.github.sherl4j.layer.LayerCase#withShapes")
    void infersWhatItComputesForwardAndLeavesTheInputAlone(LayerCase layerCase, long[] shape) {
        for (DataType type : new DataType[] {DataType.FLOAT, DataType.DOUBLE}) {
            try (Setting frozen = new Setting(layerCase, type, shape);
                    Setting trained = Setting.trained(layerCase, type, shape)) {
                double[] input = TestArrays.numbers(frozen.input);
                INDArray inferred = TestArrays.blank(type, frozen.layer.outputShape(shape));
                boolean drops = frozen.layer instanceof Dropout;
                frozen.layer.infer(frozen.input, drops ? Context.of(frozen.memory) : frozen.context, inferred);

                frozen.forward();
                trained.forward();

                double[] result = TestArrays.numbers(frozen.result);
                assertThat(result).doesNotContain(Double.NaN).isEqualTo(TestArrays.numbers(trained.result));
                if (!layerCase.onBatchStatistics()) {
                    assertThat(TestArrays.numbers(inferred)).isEqualTo(drops ? input : result);
                }
                assertThat(TestArrays.numbers(frozen.input)).isEqualTo(input);
            }
        }
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("io.github.sherl4j.layer.LayerCase#withShapes")
    void gradientsAreThoseOfCentralDifferences(LayerCase layerCase, long[] shape) {
        try (Setting setting = Setting.trained(layerCase, DataType.DOUBLE, shape)) {
            double[] input = TestArrays.numbers(setting.input);
            double[] gradient = setting.backward(setting.forward());

            assertThat(TestArrays.numbers(setting.input)).isEqualTo(input);
            INDArray gradInput = TestArrays.of(DataType.DOUBLE, gradient, shape);
            CentralDifferences.check("input", setting.input, gradInput, setting::loss);
            for (Parameter parameter : setting.layer.parameters()) {
                CentralDifferences.check(parameter.name(), parameter.value(), parameter.gradient(), setting::loss);
            }
        }
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("io.github.sherl4j.layer.LayerCase#withShapes")
    void gradientsAddUpAndLaterRoundsEqualTheFirst(LayerCase layerCase, long[] shape) {
        for (DataType type : new DataType[] {DataType.FLOAT, DataType.DOUBLE}) {
            try (Setting setting = Setting.trained(layerCase, type, shape)) {
                double[] gradient = setting.backward(setting.forward());
                double[] result = TestArrays.numbers(setting.result);
                List<double[]> once = setting.gradients();
                for (int round = 0; round < 2; round++) {
                    setting.zeroGradients();
                    TestArrays.fill(setting.result, Double.NaN);
                    LayerStep step = setting.forward();
                    assertThat(TestArrays.numbers(setting.result)).isEqualTo(result);
                    assertThat(setting.backward(step)).isEqualTo(gradient);
                    assertThat(setting.gradients()).usingRecursiveComparison().isEqualTo(once);
                }
                setting.backward(setting.forward());
                List<double[]> twice = setting.gradients();
                double rounding = type == DataType.DOUBLE ? 1e-14 : 1e-6;
                double largest = once.stream()
                        .flatMapToDouble(Arrays::stream)
                        .map(Math::abs)
                        .max()
                        .orElse(0);
                for (int i = 0; i < once.size(); i++) {
                    double[] expected = TestArrays.each(once.get(i), x -> 2 * x);
                    assertThat(TestArrays.difference(twice.get(i), expected)).isLessThanOrEqualTo(rounding * largest);
                }
            }
        }
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("io.github.sherl4j.layer.LayerCase#withShapes")
    void aFrozenLayerNeedsNoInputAndStaysAsItIs(LayerCase layerCase, long[] shape) {
        try (Setting frozen = new Setting(layerCase, DataType.DOUBLE, shape);
                Setting trained = Setting.trained(layerCase, DataType.DOUBLE, shape)) {
            List<double[]> before = frozen.parameters();
            double[] gradient = trained.backward(trained.forward());
            for (int round = 0; round < 3; round++) {
                LayerStep step = frozen.forward();
                double[] input = TestArrays.numbers(frozen.input);
                TestArrays.fill(frozen.input, Double.NaN);

                assertThat(frozen.backward(step)).isEqualTo(gradient);

                TestArrays.set(frozen.input, input);
                assertThat(step.keptBytes()).isEqualTo(layerCase.frozen().applyAsLong(shape) * Double.BYTES);
            }
            assertThat(frozen.parameters()).usingRecursiveComparison().isEqualTo(before);
            assertThat(frozen.layer.parameters()).noneMatch(Parameter::trainable);
        }
    }

    @ParameterizedTest
    @MethodSource("io.github.sherl4j.layer.LayerCase#all")
    void theStepArenaHoldsWhatIsKeptAndNothingElse(LayerCase layerCase) {
        try (Setting frozen = new Setting(layerCase, DataType.DOUBLE, ALIGNED);
                Setting trained = Setting.trained(layerCase, DataType.DOUBLE, ALIGNED)) {
            long frozenBytes = layerCase.frozen().applyAsLong(ALIGNED) * Double.BYTES;
            long trainedBytes = layerCase.trained().applyAsLong(ALIGNED) * Double.BYTES;
            long inputBytes = layerCase.keepsInput() ? LayerCase.length(ALIGNED) * Double.BYTES : 0;

            assertThat(frozen.forward().keptBytes()).isEqualTo(frozenBytes);
            assertThat(trained.forward().keptBytes()).isEqualTo(trainedBytes + inputBytes);

            frozen.memory.reset();
            trained.memory.reset();
            assertThat(frozen.memory.step().bytes()).isEqualTo(wholeLines(frozenBytes));
            assertThat(trained.memory.step().bytes()).isEqualTo(wholeLines(trainedBytes));
        }
    }

    /** The arena rounds up to cache lines; at most one kept array does not fill its last one. */
    private static long wholeLines(long bytes) {
        return (bytes + 63) / 64 * 64;
    }

    @ParameterizedTest
    @MethodSource("io.github.sherl4j.layer.LayerCase#all")
    void theBackwardPassLeavesItsArgumentAloneUnlessTheLayerSaysSo(LayerCase layerCase) {
        try (Setting setting = Setting.trained(layerCase, DataType.DOUBLE, ALIGNED)) {
            LayerStep step = setting.forward();
            INDArray gradOutput = TestArrays.of(DataType.DOUBLE, setting.cotangent, setting.result.shape());

            INDArray gradInput = step.backward(gradOutput);

            assertThat(gradInput.shape()).isEqualTo(ALIGNED);
            if (layerCase.overwrites()) {
                assertThat(gradInput).isSameAs(gradOutput);
            } else {
                assertThat(TestArrays.numbers(gradOutput)).isEqualTo(setting.cotangent);
            }
        }
    }
}
