package io.github.sherl4j.backbone;

import static io.github.sherl4j.TestArrays.numbers;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.sherl4j.CentralDifferences;
import io.github.sherl4j.NativeBytes;
import io.github.sherl4j.TestArrays;
import io.github.sherl4j.adapter.AdapterOptions;
import io.github.sherl4j.adapter.SherlAdapter;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.LayerStep;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.layer.ParameterGroups;
import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.route.SherlRoute;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What every backbone promises. */
class BackboneContractTest {
    /** A network, a batch, and memory to compute with. */
    private static final class Setting<B extends AutoCloseable> implements AutoCloseable {
        final Backbone<B> backbone;
        final B batch;
        final Memory memory;

        Setting(BackboneCase<B> kind, DataType type, int layers) {
            backbone = kind.make().apply(type, layers);
            batch = kind.batch().apply(type);
            memory = new Memory(type);
        }

        Context context() {
            return backbone.context(memory, batch, OptionalLong.empty());
        }

        INDArray blank(int index) {
            return TestArrays.blank(backbone.type(), backbone.stateShape(batch, index));
        }

        /** The last state; adds the steps of the stem and of all blocks to lists, if there are any. */
        INDArray forward(List<Backbone.StemStep> stem, List<LayerStep> blocks) {
            memory.reset();
            Context context = context();
            INDArray state = blank(0);
            stem.add(backbone.stem().forward(batch, context, state));
            for (int i = 0; i < backbone.blocks().size(); i++) {
                INDArray next = blank(i + 1);
                blocks.add(backbone.blocks().get(i).forward(state, context, next));
                state = next;
            }
            return state;
        }

        /** A SHERL step of three taps and one late block. */
        void sherlStep(SherlRoute<B> route, INDArray gradient) {
            memory.reset();
            INDArray result = memory.step()
                    .array(backbone.stateShape(batch, backbone.blocks().size()));
            SherlRoute.Kept kept = route.forward(batch, context(), result);
            INDArray gradOutput = memory.step().array(result.shape());
            memory.ops().copy(gradient, gradOutput);
            kept.backward(gradOutput);
        }

        SherlAdapter adapter() {
            AdapterOptions options = AdapterOptions.vseText(3).withDropout(0);
            return new SherlAdapter(options, 3, backbone.width(), backbone.type(), 1);
        }

        SherlRoute<B> route(SherlAdapter adapter) {
            int blocks = backbone.blocks().size();
            return new SherlRoute<>(backbone, adapter, List.of(0, 2, blocks - 1), 1);
        }

        INDArray gradient() {
            long[] shape = backbone.stateShape(batch, backbone.blocks().size());
            return TestArrays.normal(backbone.type(), 8, shape);
        }

        @Override
        public void close() throws Exception {
            batch.close();
            backbone.close();
            memory.close();
        }
    }

    @ParameterizedTest
    @MethodSource("io.github.sherl4j.backbone.BackboneCase#all")
    <B extends AutoCloseable> void infersWhatItComputesForwardInEachRound(BackboneCase<B> kind) throws Exception {
        for (DataType type : new DataType[] {DataType.FLOAT, DataType.DOUBLE}) {
            try (Setting<B> setting = new Setting<>(kind, type, 2)) {
                double[] expected = numbers(setting.forward(new ArrayList<>(), new ArrayList<>()));
                assertThat(expected).doesNotContain(Double.NaN);
                for (int round = 0; round < 2; round++) {
                    setting.memory.reset();
                    Context context = setting.context();
                    INDArray state = setting.blank(0);
                    setting.backbone.stem().infer(setting.batch, context, state);
                    for (int i = 0; i < 2; i++) {
                        INDArray next = setting.blank(i + 1);
                        setting.backbone.blocks().get(i).infer(state, context, next);
                        state = next;
                    }
                    assertThat(numbers(state)).isEqualTo(expected);
                    assertThat(state.size(-1)).isEqualTo(setting.backbone.width());
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.github.sherl4j.backbone.BackboneCase#all")
    <B extends AutoCloseable> void trainedAsAWholeItsGradientsAreThoseOfCentralDifferences(BackboneCase<B> kind)
            throws Exception {
        try (Setting<B> setting = new Setting<>(kind, DataType.DOUBLE, 1)) {
            List<Parameter> chain = setting.backbone.parameters();
            try (ParameterGroups groups = new ParameterGroups(chain)) {
                List<Backbone.StemStep> stem = new ArrayList<>();
                List<LayerStep> blocks = new ArrayList<>();
                INDArray result = setting.forward(stem, blocks);
                double[] cotangent = TestArrays.normal((int) result.length(), 9);
                stem.get(0).backward(blocks.get(0).backward(TestArrays.of(DataType.DOUBLE, cotangent, result.shape())));
                for (Parameter parameter : groups.parameters()) {
                    CentralDifferences.check(
                            parameter.name(),
                            parameter.value(),
                            parameter.gradient(),
                            () -> CentralDifferences.weightedSum(
                                    setting.forward(new ArrayList<>(), new ArrayList<>()), cotangent));
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.github.sherl4j.backbone.BackboneCase#all")
    <B extends AutoCloseable> void noFrozenParameterChangesByABit(BackboneCase<B> kind) throws Exception {
        try (Setting<B> setting = new Setting<>(kind, DataType.FLOAT, 4);
                SherlAdapter adapter = setting.adapter();
                ParameterGroups groups = new ParameterGroups(adapter.parameters())) {
            List<double[]> before = BackboneCase.numbers(setting.backbone);
            SherlRoute<B> route = setting.route(adapter);
            for (int round = 0; round < 3; round++) {
                setting.sherlStep(route, setting.gradient());
                groups.groups().forEach(group -> group.values().subi(group.gradients()));
            }
            assertThat(BackboneCase.numbers(setting.backbone))
                    .usingRecursiveComparison()
                    .isEqualTo(before);
            assertThat(setting.backbone.parameters()).noneMatch(Parameter::trainable);
            assertThat(groups.groups().get(0).gradients().amaxNumber().doubleValue())
                    .isPositive();
        }
    }

    @ParameterizedTest
    @MethodSource("io.github.sherl4j.backbone.BackboneCase#all")
    <B extends AutoCloseable> void moreEarlyLayersTakeNoMoreMemoryAndAWarmStepMakesNothingNative(BackboneCase<B> kind)
            throws Exception {
        List<Long> bytes = new ArrayList<>();
        for (int layers : new int[] {6, 12}) { // both have untapped states of even and of odd index
            try (Setting<B> setting = new Setting<>(kind, DataType.FLOAT, layers);
                    SherlAdapter adapter = setting.adapter();
                    ParameterGroups groups = new ParameterGroups(adapter.parameters())) {
                SherlRoute<B> route = setting.route(adapter);
                INDArray gradient = setting.gradient();
                for (int round = 0; round < 3; round++) {
                    setting.sherlStep(route, gradient);
                }
                bytes.add(setting.memory.bytes());
                assertThat(NativeBytes.created(() -> setting.sherlStep(route, gradient)))
                        .isZero();
                assertThat(groups.count()).isPositive();
            }
        }
        assertThat(bytes.get(0)).isPositive().isEqualTo(bytes.get(1));
    }
}
