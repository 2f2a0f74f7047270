package io.github.sherl4j.route;

import static io.github.sherl4j.TestArrays.numbers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sherl4j.CentralDifferences;
import io.github.sherl4j.TestArrays;
import io.github.sherl4j.adapter.AdapterInput;
import io.github.sherl4j.adapter.AdapterOptions;
import io.github.sherl4j.adapter.SherlAdapter;
import io.github.sherl4j.backbone.bert.BertBackbone;
import io.github.sherl4j.backbone.bert.TinyBert;
import io.github.sherl4j.data.TokenBatch;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.layer.ParameterGroups;
import io.github.sherl4j.nd.Memory;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.DoubleSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class SherlRouteTest {
    private static final int BLOCKS = 3;
    private static final AdapterOptions OPTIONS = AdapterOptions.vseText(3).withDropout(0);

    /** Every number of late layers, with all taps and with some. */
    static Stream<Object[]> cuts() {
        return Stream.of(
                new Object[] {List.of(0, 1, 2, 3), 0},
                new Object[] {List.of(0, 1, 2), 1},
                new Object[] {List.of(0, 1), 2},
                new Object[] {List.of(0), 3},
                new Object[] {List.of(1, 3), 0},
                new Object[] {List.of(0, 2), 1},
                new Object[] {List.of(2), 1},
                new Object[] {List.of(0, 1), 0}, // the early route ends at the guide
                new Object[] {List.of(1), 2});
    }

    @ParameterizedTest(name = "taps {0}, {1} late")
    @MethodSource("cuts")
    void isTheEarlyLayersThenTheAdapterThenTheLateLayers(List<Integer> taps, int late) {
        for (DataType type : new DataType[] {DataType.FLOAT, DataType.DOUBLE}) {
            try (BertBackbone bert = TinyBert.of(type, BLOCKS);
                    SherlAdapter adapter = adapter(taps.size(), type);
                    Memory memory = new Memory(type);
                    TokenBatch batch = TinyBert.batch()) {
                SherlRoute<TokenBatch> route = new SherlRoute<>(bert, adapter, taps, late);
                double[] expected = slow(bert, adapter, taps, late, batch);
                INDArray result = TestArrays.blank(type, bert.stateShape(batch));
                for (int round = 0; round < 3; round++) {
                    memory.reset();
                    Context context = bert.context(memory, batch, OptionalLong.empty());
                    TestArrays.fill(result, Double.NaN);
                    route.infer(batch, context, result);
                    assertThat(numbers(result)).isEqualTo(expected);
                    TestArrays.fill(result, Double.NaN);
                    route.forward(batch, context, result);
                    assertThat(numbers(result)).isEqualTo(expected);
                }
                assertThat(route.trainable()).isEqualTo(adapter.parameters());
            }
        }
    }

    @ParameterizedTest(name = "taps {0}, {1} late")
    @MethodSource("cuts")
    void gradientsAreThoseOfCentralDifferences(List<Integer> taps, int late) {
        DataType type = DataType.DOUBLE;
        try (BertBackbone bert = TinyBert.of(type, BLOCKS);
                SherlAdapter adapter = adapter(taps.size(), type);
                ParameterGroups groups = new ParameterGroups(adapter.parameters());
                Memory memory = new Memory(type);
                TokenBatch batch = TinyBert.batch()) {
            SherlRoute<TokenBatch> route = new SherlRoute<>(bert, adapter, taps, late);
            INDArray result = TestArrays.blank(type, bert.stateShape(batch));
            double[] cotangent = TestArrays.normal((int) result.length(), 9);
            DoubleSupplier loss = () -> {
                memory.reset();
                route.forward(batch, bert.context(memory, batch, OptionalLong.empty()), result);
                return CentralDifferences.weightedSum(result, cotangent);
            };
            Context context = bert.context(memory, batch, OptionalLong.empty());

            route.forward(batch, context, result).backward(TestArrays.of(type, cotangent, result.shape()));

            for (Parameter parameter : adapter.parameters()) {
                CentralDifferences.check(parameter.name(), parameter.value(), parameter.gradient(), loss);
            }
            assertThat(groups.parameters()).hasSize(adapter.parameters().size());
            assertThat(bert.parameters()).noneMatch(Parameter::trainable);
        }
    }

    @Test
    void moreEarlyLayersKeepNothingMore() {
        List<Long> kept = new ArrayList<>();
        for (int blocks : new int[] {4, 12}) {
            try (BertBackbone bert = TinyBert.of(DataType.FLOAT, blocks);
                    SherlAdapter adapter = adapter(3, DataType.FLOAT);
                    Memory memory = new Memory(DataType.FLOAT);
                    TokenBatch batch = TinyBert.batch()) {
                SherlRoute<TokenBatch> route = new SherlRoute<>(bert, adapter, List.of(0, 2, blocks - 1), 1);
                INDArray result = TestArrays.blank(DataType.FLOAT, bert.stateShape(batch));
                Context context = bert.context(memory, batch, OptionalLong.empty());
                kept.add(route.forward(batch, context, result).keptBytes());
            }
        }
        assertThat(kept.get(0)).isPositive().isEqualTo(kept.get(1));
    }

    @Test
    void allTapsAreTheStatesBeforeTheLateLayers() {
        assertThat(SherlRoute.allTaps(3, 1)).containsExactly(0, 1, 2);
        assertThat(SherlRoute.allTaps(3, 0)).containsExactly(0, 1, 2, 3);
        assertThat(SherlRoute.allTaps(3, 3)).containsExactly(0);
    }

    @Test
    void refusesTapsAndLateLayersThatTheNetworkLacks() {
        String range = "taps must be indices of states from 0 to 2 with 1 late layers of 3, but one is ";
        assertRefused(List.of(0, 3), 1, range + "3");
        assertRefused(List.of(-1, 2), 1, range + "-1");
        assertRefused(List.of(1, 0), 1, "taps must ascend, but are [1, 0]");
        assertRefused(List.of(0, 1, 1), 1, "taps must ascend, but are [0, 1, 1]");
        assertRefused(List.of(), 1, "taps must be at least one state, the guide, but are none");
        assertRefused(List.of(0), 4, "lateLayers must be from 0 to the network's 3 layers, but is 4");
        assertRefused(List.of(0), -1, "lateLayers must be from 0 to the network's 3 layers, but is -1");
        assertThatThrownBy(() -> SherlRoute.allTaps(3, 4))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("lateLayers must be from 0 to the network's 3 layers, but is 4");
    }

    @Test
    void refusesAnAdapterThatDoesNotFit() {
        AdapterOptions clip = AdapterOptions.clipVideo(3, true);
        try (BertBackbone bert = TinyBert.of(DataType.FLOAT, BLOCKS);
                SherlAdapter three = adapter(3, DataType.FLOAT);
                SherlAdapter outside = new SherlAdapter(clip, 2, TinyBert.WIDTH, DataType.FLOAT, 1)) {
            assertThatThrownBy(() -> new SherlRoute<>(bert, three, List.of(0, 1), 1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("adapter must be made for 2 tapped states, but is made for 3");
            assertThatThrownBy(() -> new SherlRoute<>(bert, outside, List.of(0, 1), 1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("adapter must take its guide from the tapped states, but takes it from outside");
        }
    }

    private static void assertRefused(List<Integer> taps, int late, String message) {
        try (BertBackbone bert = TinyBert.of(DataType.FLOAT, BLOCKS);
                SherlAdapter adapter = adapter(Math.max(1, taps.size()), DataType.FLOAT)) {
            assertThatThrownBy(() -> new SherlRoute<>(bert, adapter, taps, late))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(message);
        }
    }

    private static SherlAdapter adapter(int taps, DataType type) {
        SherlAdapter adapter = new SherlAdapter(OPTIONS, taps, TinyBert.WIDTH, type, 1);
        int draw = 50;
        for (Parameter parameter : adapter.parameters()) {
            int length = (int) parameter.value().length();
            TestArrays.set(parameter.value(), TestArrays.normal(length, ++draw));
        }
        List<Parameter> parameters = adapter.parameters();
        TestArrays.fill(parameters.get(parameters.size() - 1).value(), 0.03); // the gate, ajar
        return adapter;
    }

    private static double[] slow(
            BertBackbone bert, SherlAdapter adapter, List<Integer> taps, int late, TokenBatch batch) {
        try (Memory memory = new Memory(bert.type())) {
            Context context = bert.context(memory, batch, OptionalLong.empty());
            List<INDArray> states = new ArrayList<>();
            states.add(TestArrays.blank(bert.type(), bert.stateShape(batch)));
            bert.stem().infer(batch, context, states.get(0));
            for (int i = 0; i < BLOCKS; i++) {
                states.add(TestArrays.blank(bert.type(), bert.stateShape(batch)));
                bert.blocks().get(i).infer(states.get(i), context, states.get(i + 1));
            }
            INDArray state = TestArrays.blank(bert.type(), bert.stateShape(batch));
            adapter.infer(AdapterInput.of(taps.stream().map(states::get).toList()), context, state);
            for (int i = BLOCKS - late; i < BLOCKS; i++) {
                INDArray next = TestArrays.blank(bert.type(), bert.stateShape(batch));
                bert.blocks().get(i).infer(state, context, next);
                state = next;
            }
            return numbers(state);
        }
    }
}
