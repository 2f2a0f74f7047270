package io.github.sherl4j.adapter;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sherl4j.Golden;
import io.github.sherl4j.TestArrays;
import io.github.sherl4j.layer.BatchNorm;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.layer.ParameterGroups;
import io.github.sherl4j.nd.Memory;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class AdapterGoldenTest {
    static Stream<Object[]> cases() {
        List<Object[]> presets = List.of(
                new Object[] {
                    "vse_text", preset(width -> AdapterOptions.vseText(width).withDropout(0))
                },
                new Object[] {"vse_image_train", preset(AdapterOptions::vseImage)},
                new Object[] {"vse_image_eval", preset(AdapterOptions::vseImage)},
                new Object[] {"clip4clip_msrvtt_image", preset(width -> AdapterOptions.clipVideo(width, true))},
                new Object[] {"clip4clip_msrvtt_text", preset(width -> AdapterOptions.clipVideo(width, true))},
                new Object[] {"clip4clip_msvd_image", preset(width -> AdapterOptions.clipVideo(width, false))},
                new Object[] {"clip4clip_msvd_text", preset(width -> AdapterOptions.clipVideo(width, false))},
                new Object[] {"clipvil", preset(AdapterOptions::clipVil)},
                new Object[] {"t5", preset(AdapterOptions::t5)},
                new Object[] {"mdetr", preset(AdapterOptions::mdetr)});
        return Stream.of(DataType.DOUBLE, DataType.FLOAT)
                .flatMap(type -> presets.stream().map(one -> new Object[] {one[0], type, one[1]}));
    }

    private static IntFunction<AdapterOptions> preset(IntFunction<AdapterOptions> preset) {
        return preset;
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("cases")
    void equalsTheReferenceInOutputAndEveryGradient(String file, DataType type, IntFunction<AdapterOptions> preset) {
        try (Golden golden = new Golden(file, type);
                Memory memory = new Memory(type)) {
            AdapterOptions options = preset.apply(golden.number("hidden"));
            assertThat(options.normEps()).isEqualTo(golden.real("eps"));
            AdapterInput input = input(golden);
            INDArray output = Nd4j.createUninitialized(type, input.anchor().shape());
            List<Long> widths =
                    input.states().stream().map(state -> state.size(-1)).toList();
            SherlAdapter adapter = new SherlAdapter(options, widths, output.size(-1), type, 1);
            load(golden, "param.", options, adapter.parameters());
            Set<String> expected = golden.names().stream()
                    .filter(name -> name.startsWith("param."))
                    .map(name -> name.substring("param.".length()))
                    .collect(Collectors.toSet());
            assertThat(adapter.parameters().stream()
                            .map(parameter -> AdapterNames.reference(options, parameter.name()))
                            .toList())
                    .containsExactlyInAnyOrderElementsOf(expected);
            boolean onBatch = golden.metadata().getOrDefault("bn", "").startsWith("batch statistics");
            adapter.statistics(onBatch ? BatchNorm.Statistics.BATCH : BatchNorm.Statistics.RUNNING);
            try (ParameterGroups groups = new ParameterGroups(adapter.parameters());
                    Golden before = onBatch ? new Golden("vse_image_eval", type) : null) {
                AdapterGradients gradients = new AdapterGradients(
                        input.states().stream().map(INDArray::ulike).toList(),
                        input.feature() == null ? null : input.feature().ulike());
                for (int round = 0; round < 3; round++) { // the arenas learn in the first and are warm in the third
                    memory.reset();
                    groups.zeroGradients();
                    load(before == null ? golden : before, "buffer.", options, adapter.buffers());
                    if (!onBatch) {
                        adapter.infer(input, Context.of(memory), output);
                        check(golden, "output", output);
                    }
                    SherlAdapter.Kept step = adapter.forward(input, Context.of(memory), output);
                    check(golden, "output", output);
                    for (Parameter buffer : adapter.buffers()) {
                        golden.check("buffer." + AdapterNames.reference(options, buffer.name()), buffer.value());
                    }
                    step.backward(channelsLast(golden.array("cotangent"), output.shape()), input, gradients);
                    for (Parameter parameter : adapter.parameters()) {
                        golden.check(
                                "grad.param." + AdapterNames.reference(options, parameter.name()),
                                parameter.gradient());
                    }
                    for (int i = 0; i < adapter.taps(); i++) {
                        check(
                                golden,
                                "grad.input.hidden." + i,
                                gradients.states().get(i));
                    }
                    if (gradients.feature() != null) {
                        golden.check("grad.input.last", gradients.feature());
                    }
                }
            }
        }
    }

    private static AdapterInput input(Golden golden) {
        List<INDArray> states = new ArrayList<>();
        for (int i = 0; golden.has("input.hidden." + i); i++) {
            INDArray state = golden.array("input.hidden." + i);
            states.add(state.rank() == 4 ? state.permute(0, 2, 3, 1).dup('c') : state);
        }
        if (!golden.has("input.last")) {
            return AdapterInput.of(states);
        }
        INDArray last = golden.array("input.last");
        AdapterInput input = AdapterInput.of(states, last.reshape(last.size(0), last.size(-1)));
        if (!golden.has("input.ids")) {
            return input;
        }
        int[] ids = golden.integers("input.ids");
        int tokens = (int) states.get(0).size(1);
        double[] mask = new double[ids.length];
        int[] base = new int[ids.length / tokens];
        for (int i = 0; i < ids.length; i++) {
            mask[i] = ids[i] == 0 ? 0 : 1;
            int row = i / tokens;
            base[row] = ids[i] > ids[row * tokens + base[row]] ? i % tokens : base[row];
        }
        return input.withMask(TestArrays.of(golden.type(), mask, base.length, tokens))
                .withBaseTokens(Nd4j.createFromArray(base));
    }

    private static void load(Golden golden, String prefix, AdapterOptions options, List<Parameter> into) {
        for (Parameter parameter : into) {
            INDArray array = golden.array(prefix + AdapterNames.reference(options, parameter.name()));
            parameter.value().assign(array.reshape(parameter.value().shape()));
        }
    }

    /** The reference's pictures are [batch, channels, height, width]. */
    private static INDArray channelsLast(INDArray array, long... shape) {
        return array.rank() == 4
                ? array.permute(0, 2, 3, 1).dup('c')
                : array.reshape(shape).dup('c');
    }

    private static void check(Golden golden, String tensor, INDArray actual) {
        golden.check(tensor, actual.rank() == 4 ? actual.permute(0, 3, 1, 2) : actual);
    }
}
