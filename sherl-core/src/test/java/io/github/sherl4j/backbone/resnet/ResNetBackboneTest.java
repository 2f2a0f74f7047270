package io.github.sherl4j.backbone.resnet;

import static io.github.sherl4j.TestArrays.numbers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.sherl4j.CentralDifferences;
import io.github.sherl4j.NativeBytes;
import io.github.sherl4j.TestArrays;
import io.github.sherl4j.backbone.Backbone;
import io.github.sherl4j.data.ImageBatch;
import io.github.sherl4j.layer.BatchNorm.Statistics;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.Layer;
import io.github.sherl4j.layer.LayerStep;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.layer.ParameterGroups;
import io.github.sherl4j.nd.Memory;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.DoubleSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class ResNetBackboneTest {
    static Stream<ResNetConfig> configs() {
        return Stream.of(
                TinyResNet.bottleneck(1, 1),
                TinyResNet.bottleneck(2).withLayout(ResNetConfig.Layout.CAFFE),
                TinyResNet.basic(1, 2),
                TinyResNet.basic(1, 1).withLayout(ResNetConfig.Layout.CAFFE));
    }

    private static int size(ResNetConfig config) {
        return config.stem() == ResNetConfig.Stem.SMALL ? 4 : 14;
    }

    @ParameterizedTest
    @MethodSource("configs")
    void foldedNormsGiveTheSameStates(ResNetConfig config) {
        for (DataType type : new DataType[] {DataType.DOUBLE, DataType.FLOAT}) {
            try (ResNetBackbone whole = TinyResNet.of(config, type);
                    ResNetBackbone folded = whole.folded();
                    ImageBatch batch = TinyResNet.pictures(type, 2, size(config))) {
                double[] expected = lastState(whole, batch);
                double largest = Arrays.stream(expected).map(Math::abs).max().orElseThrow();
                assertThat(largest).isPositive();
                assertThat(TestArrays.difference(lastState(folded, batch), expected))
                        .isLessThan((type == DataType.DOUBLE ? 1e-13 : 1e-5) * largest);
                assertThat(folded.fingerprint()).isEqualTo(whole.fingerprint());
                assertThat(folded.parameters()).noneMatch(Parameter::trainable);
            }
        }
    }

    /** Every parameter of the whole network, on both kinds of statistics, and of the folded one. */
    @ParameterizedTest
    @MethodSource("configs")
    void gradientsAreThoseOfCentralDifferences(ResNetConfig config) {
        for (Statistics statistics : Statistics.values()) {
            try (ResNetBackbone backbone = TinyResNet.of(config, DataType.DOUBLE)) {
                backbone.statistics(statistics);
                checkGradients(backbone);
            }
        }
        try (ResNetBackbone whole = TinyResNet.of(config, DataType.DOUBLE);
                ResNetBackbone folded = whole.folded()) {
            checkGradients(folded);
        }
    }

    private static void checkGradients(ResNetBackbone backbone) {
        DataType type = DataType.DOUBLE;
        try (ParameterGroups groups = new ParameterGroups(backbone.parameters());
                ImageBatch batch = TinyResNet.pictures(type, 2, size(backbone.config()));
                Memory memory = new Memory(type)) {
            int last = backbone.blocks().size();
            INDArray result = TestArrays.blank(type, backbone.stateShape(batch, last));
            double[] cotangent = TestArrays.normal((int) result.length(), 9);
            DoubleSupplier loss = () -> {
                memory.reset();
                new Pass(backbone, memory, batch, result);
                return CentralDifferences.weightedSum(result, cotangent);
            };
            for (int round = 0; round < 2; round++) {
                memory.reset();
                groups.zeroGradients();
                new Pass(backbone, memory, batch, result).backward(TestArrays.of(type, cotangent, result.shape()));
            }
            for (Parameter parameter : groups.parameters()) {
                CentralDifferences.check(parameter.name(), parameter.value(), parameter.gradient(), loss);
            }
        }
    }

    /** Forward through the whole network, and back. */
    private static final class Pass {
        private final Backbone.StemStep stem;
        private final LayerStep[] steps;

        Pass(ResNetBackbone backbone, Memory memory, ImageBatch batch, INDArray result) {
            Context context = backbone.context(memory, batch, OptionalLong.of(1));
            List<Layer> blocks = backbone.blocks();
            steps = new LayerStep[blocks.size()];
            INDArray state = memory.step().array(backbone.stateShape(batch));
            stem = backbone.stem().forward(batch, context, state);
            for (int i = 0; i < steps.length; i++) {
                INDArray next = i == steps.length - 1
                        ? result
                        : memory.step().array(blocks.get(i).outputShape(state.shape()));
                steps[i] = blocks.get(i).forward(state, context, next);
                state = next;
            }
        }

        void backward(INDArray gradOutput) {
            INDArray gradient = gradOutput;
            for (int i = steps.length - 1; i >= 0; i--) {
                gradient = steps[i].backward(gradient);
            }
            stem.backward(gradient);
        }
    }

    @ParameterizedTest
    @EnumSource(Statistics.class)
    void batchStatisticsMoveTheRunningOnesAndRunningOnesStay(Statistics statistics) {
        try (ResNetBackbone backbone = TinyResNet.of(TinyResNet.bottleneck(1, 1), DataType.FLOAT);
                ImageBatch batch = TinyResNet.pictures(DataType.FLOAT, 2, 4);
                Memory memory = new Memory(DataType.FLOAT)) {
            backbone.statistics(statistics);
            List<double[]> before = values(backbone.buffers());
            INDArray result = TestArrays.blank(DataType.FLOAT, backbone.stateShape(batch, 2));
            new Pass(backbone, memory, batch, result);
            List<double[]> after = values(backbone.buffers());
            for (int i = 0; i < before.size(); i++) {
                if (statistics == Statistics.BATCH) {
                    assertThat(after.get(i)).isNotEqualTo(before.get(i));
                } else {
                    assertThat(after.get(i)).isEqualTo(before.get(i));
                }
            }
            assertThat(backbone.buffers())
                    .extracting(Parameter::name)
                    .startsWith("bn1.running_mean", "bn1.running_var", "layer1.0.bn1.running_mean");
        }
    }

    @Test
    void aFrozenBlockKeepsItsActivationsAloneAndAWarmStepMakesNoNativeObject() {
        DataType type = DataType.FLOAT;
        try (ResNetBackbone whole = TinyResNet.of(TinyResNet.bottleneck(2), type);
                ResNetBackbone folded = whole.folded();
                Memory memory = new Memory(type);
                INDArray input = TestArrays.normal(type, 3, 2, 4, 4, 8);
                INDArray result = TestArrays.blank(type, 2, 4, 4, 8);
                INDArray gradient = TestArrays.normal(type, 4, 2, 4, 4, 8)) {
            Layer late = folded.blocks().get(1);
            long created = 0;
            for (int round = 0; round < 4; round++) {
                created = NativeBytes.created(() -> {
                    memory.reset();
                    LayerStep step = late.forward(input, Context.of(memory), result);
                    assertThat(step.keptBytes()).isEqualTo((2 * 32 * 2 + 32 * 8) * Float.BYTES);
                    assertThat(step.backward(gradient)).isSameAs(gradient);
                });
            }
            assertThat(created).isZero();
            assertThat(memory.step().bytes()).isEqualTo(2 * 32 * 2 * Float.BYTES);
        }
    }

    @Test
    void describesItself() {
        ResNetConfig config = TinyResNet.bottleneck(1, 2);
        try (ResNetBackbone backbone = TinyResNet.of(config, DataType.FLOAT);
                ImageBatch batch = TinyResNet.pictures(DataType.FLOAT, 3, 8)) {
            assertThat(backbone.config()).isEqualTo(config);
            assertThat(backbone.type()).isEqualTo(DataType.FLOAT);
            assertThat(backbone.blocks()).hasSize(3);
            assertThat(backbone.width()).isEqualTo(16);
            assertThat(backbone.width(0)).isEqualTo(4);
            assertThat(backbone.width(1)).isEqualTo(8);
            assertThat(backbone.width(3)).isEqualTo(16);
            assertThat(backbone.stateShape(batch)).containsExactly(3, 8, 8, 4);
            assertThat(backbone.stateShape(batch, 1)).containsExactly(3, 8, 8, 8);
            assertThat(backbone.stateShape(batch, 3)).containsExactly(3, 4, 4, 16);
            assertThat(backbone.parameters()).noneMatch(Parameter::trainable);
            assertThat(backbone.parameters())
                    .allSatisfy(parameter -> assertThat(parameter.decays())
                            .isEqualTo(parameter.value().rank() == 4));
            assertThat(backbone.parameters()).hasSize(3 * (1 + 4 + 4 + 3));
            assertThat(backbone.buffers()).hasSize(2 * (1 + 4 + 4 + 3));
            try (ResNetBackbone folded = backbone.folded()) {
                assertThat(folded.parameters())
                        .extracting(Parameter::name)
                        .startsWith("conv1.weight", "conv1.bias", "layer1.0.conv1.weight")
                        .endsWith("layer2.1.conv3.bias");
                assertThatThrownBy(folded::folded).isInstanceOf(IllegalStateException.class);
                assertThatThrownBy(() -> folded.statistics(Statistics.BATCH)).isInstanceOf(IllegalStateException.class);
            }
        }
    }

    @Test
    void largeStemsHalveTwiceAndBothLayoutsAgreeInShape() {
        for (ResNetConfig.Layout layout : ResNetConfig.Layout.values()) {
            try (ResNetBackbone backbone = TinyResNet.of(TinyResNet.basic(1, 1).withLayout(layout), DataType.FLOAT);
                    ImageBatch batch = TinyResNet.pictures(DataType.FLOAT, 1, 32)) {
                assertThat(backbone.stateShape(batch)).containsExactly(1, 8, 8, 3);
                assertThat(backbone.stateShape(batch, 2)).containsExactly(1, 4, 4, 4);
            }
        }
    }

    @Test
    void refusesPicturesThatItCannotRead() {
        try (ResNetBackbone backbone = TinyResNet.of(TinyResNet.basic(1), DataType.FLOAT);
                Memory memory = new Memory(DataType.FLOAT);
                ImageBatch grey = ImageBatch.of(TestArrays.normal(DataType.FLOAT, 1, 2, 16, 16, 1), new int[0])) {
            assertThatThrownBy(() -> backbone.context(memory, grey, OptionalLong.empty()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("pixels must have shape [*, *, *, 3], but has [2, 16, 16, 1]");
        }
    }

    @Test
    void pixelsOfAnotherTypeAreConverted() {
        try (ResNetBackbone backbone = TinyResNet.of(TinyResNet.basic(1), DataType.DOUBLE);
                ImageBatch floats = TinyResNet.pictures(DataType.FLOAT, 2, 14);
                ImageBatch doubles = ImageBatch.of(floats.pixels().castTo(DataType.DOUBLE), new int[0])) {
            assertThat(lastState(backbone, floats)).isEqualTo(lastState(backbone, doubles));
        }
    }

    @Test
    void randomWeightsStartAsTorchvisionStarts() {
        ResNetConfig config = ResNetConfig.resNet18().withSizes(List.of(1, 1), 32, List.of(32, 32));
        try (ResNetBackbone backbone = ResNetBackbone.random(config, DataType.FLOAT, 1);
                ResNetBackbone zero = ResNetBackbone.random(config.withZeroLastNorm(true), DataType.FLOAT, 1)) {
            double[] weights = value(backbone, "layer1.0.conv1.weight");
            double square = Arrays.stream(weights).map(x -> x * x).average().orElseThrow();
            assertThat(square).isCloseTo(2.0 / (32 * 9), within(0.0004));
            assertThat(value(backbone, "layer1.0.bn2.weight")).containsOnly(1);
            assertThat(value(backbone, "layer1.0.bn2.bias")).containsOnly(0);
            assertThat(value(zero, "layer1.0.bn2.weight")).containsOnly(0);
            assertThat(value(zero, "layer1.0.bn1.weight")).containsOnly(1);
            assertThat(value(zero, "layer2.0.downsample.1.weight")).containsOnly(1);
            assertThat(value(zero, "layer1.0.conv1.weight")).isEqualTo(weights);
            assertThat(numbers(backbone.buffers().get(0).value())).containsOnly(0);
            assertThat(numbers(backbone.buffers().get(1).value())).containsOnly(1);
            assertThat(fingerprint(config, 1)).isEqualTo(backbone.fingerprint());
            assertThat(fingerprint(config, 2)).isNotEqualTo(backbone.fingerprint());
        }
    }

    private static String fingerprint(ResNetConfig config, long seed) {
        try (ResNetBackbone backbone = ResNetBackbone.random(config, DataType.FLOAT, seed)) {
            return backbone.fingerprint();
        }
    }

    private static double[] value(ResNetBackbone backbone, String name) {
        return backbone.parameters().stream()
                .filter(parameter -> parameter.name().equals(name))
                .map(parameter -> numbers(parameter.value()))
                .findFirst()
                .orElseThrow();
    }

    private static List<double[]> values(List<Parameter> parameters) {
        return parameters.stream().map(parameter -> numbers(parameter.value())).toList();
    }

    private static double[] lastState(ResNetBackbone backbone, ImageBatch batch) {
        try (Memory memory = new Memory(backbone.type())) {
            Context context = backbone.context(memory, batch, OptionalLong.empty());
            INDArray state = TestArrays.blank(backbone.type(), backbone.stateShape(batch));
            backbone.stem().infer(batch, context, state);
            for (Layer block : backbone.blocks()) {
                INDArray next = TestArrays.blank(backbone.type(), block.outputShape(state.shape()));
                block.infer(state, context, next);
                state = next;
            }
            return numbers(state);
        }
    }
}
