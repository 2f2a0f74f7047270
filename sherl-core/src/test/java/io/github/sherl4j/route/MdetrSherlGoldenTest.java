package io.github.sherl4j.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sherl4j.Golden;
import io.github.sherl4j.adapter.AdapterNames;
import io.github.sherl4j.adapter.AdapterOptions;
import io.github.sherl4j.adapter.SherlAdapter;
import io.github.sherl4j.backbone.detr.DetrConfig;
import io.github.sherl4j.backbone.detr.DetrTransformer;
import io.github.sherl4j.backbone.detr.Scene;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.layer.ParameterGroups;
import io.github.sherl4j.nd.Memory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class MdetrSherlGoldenTest {
    @ParameterizedTest
    @EnumSource(
            value = DataType.class,
            names = {"DOUBLE", "FLOAT"})
    void equalsTheReferenceInStatesOutputsAndEveryGradient(DataType type) {
        try (Golden golden = new Golden("mdetr_sherl", type);
                DetrTransformer transformer = DetrTransformer.load(config(golden), golden.below("param."), type);
                Memory memory = new Memory(type)) {
            AdapterOptions options = AdapterOptions.mdetr(golden.number("side_hidden"));
            SceneTaps taps = new SceneTaps(indices(golden, "encoder_select"), indices(golden, "decoder_select"));
            SherlScene route = SherlScene.of(transformer, options, taps, 1);
            Map<String, SherlAdapter> adapters =
                    Map.of("encoder.", route.encoderAdapter(), "decoder.", route.decoderAdapter());
            List<String> names = new ArrayList<>();
            adapters.forEach((side, adapter) -> adapter.parameters().forEach(parameter -> {
                String name = side + "side_block." + AdapterNames.reference(options, parameter.name());
                names.add(name);
                parameter.value().assign(golden.array("param." + name));
            }));
            assertThat(names)
                    .containsExactlyInAnyOrder(
                            Objects.requireNonNull(golden.metadata().get("trainable"))
                                    .split(" "));
            INDArray source = join(
                    flat(golden.array("input.src")),
                    golden.array("input.text_memory").permute(1, 0, 2));
            INDArray positions = join(
                    flat(golden.array("input.pos_embed")),
                    golden.array("input.text_memory").permute(1, 0, 2).mul(0));
            INDArray bias = bias(golden, source);
            INDArray queries = queries(golden, source.size(0));
            INDArray cotangent = golden.array("cotangent");
            try (ParameterGroups groups = ParameterGroups.prefixed(route.trainable())) {
                for (int round = 0; round < 3; round++) { // the arenas learn in the first and are warm in the third
                    memory.reset();
                    groups.zeroGradients();
                    Scene scene = new Scene(Context.of(memory), positions, bias, queries);
                    INDArray adapted = memory.step().array(queries.shape());
                    INDArray last = memory.step().array(queries.shape());
                    route.infer(scene, source, last);
                    golden.check("output", Nd4j.stack(0, golden.array("output").slice(0), last));

                    SherlScene.Kept step = (SherlScene.Kept) route.forward(scene, source, List.of(adapted, last));
                    golden.check("output", Nd4j.stack(0, adapted, last));
                    golden.check("adapter.decoder.output", adapted);
                    golden.check("adapter.encoder.output", step.sideMemory());
                    golden.check("side_memory", step.sideMemory().permute(1, 0, 2));
                    check(golden, "hidden.encoder.", step.encoder().states(), taps.encoder());
                    check(golden, "hidden.decoder.", step.decoder().states(), taps.decoder());
                    List<INDArray> encoded = step.encoder().states();
                    golden.check("memory", encoded.get(encoded.size() - 1).permute(1, 0, 2));
                    step.backward(
                            List.of(cotangent.slice(0).dup(), cotangent.slice(1).dup()), null, null);
                    adapters.forEach((side, adapter) -> adapter.parameters()
                            .forEach(parameter -> golden.check(
                                    "grad.param." + side + "side_block."
                                            + AdapterNames.reference(options, parameter.name()),
                                    parameter.gradient())));
                }
            }
            assertThat(transformer.parameters()).noneMatch(Parameter::trainable);
            assertThat(golden.worst()).isPositive();
        }
    }

    private static void check(Golden golden, String name, List<INDArray> states, List<Integer> taps) {
        assertThat(states).hasSameSizeAs(taps);
        for (int i = 0; i < states.size(); i++) {
            golden.check(name + i, states.get(i));
        }
    }

    private static DetrConfig config(Golden golden) {
        return new DetrConfig(
                golden.number("d_model"),
                golden.number("heads"),
                golden.number("ff"),
                golden.number("encoder_layers"),
                golden.number("decoder_layers"),
                golden.number("queries"),
                golden.real("layer_norm_eps"));
    }

    private static List<Integer> indices(Golden golden, String key) {
        String list = Objects.requireNonNull(golden.metadata().get(key)).replaceAll("[\\[\\] ]", "");
        return Arrays.stream(list.split(",")).map(Integer::valueOf).toList();
    }

    /** [batch, width, rows, columns] as [batch, rows * columns, width]. */
    private static INDArray flat(INDArray picture) {
        return picture.permute(0, 2, 3, 1)
                .dup('c')
                .reshape('c', picture.size(0), picture.size(2) * picture.size(3), picture.size(1));
    }

    private static INDArray join(INDArray picture, INDArray text) {
        return Nd4j.concat(1, picture, text).dup('c');
    }

    private static INDArray bias(Golden golden, INDArray source) {
        int[] picture = golden.integers("input.mask");
        int[] text = golden.integers("input.text_mask");
        int batch = (int) source.size(0);
        INDArray bias = Nd4j.create(golden.type(), batch, 1, 1, source.size(1));
        for (int b = 0; b < batch; b++) {
            int cells = picture.length / batch;
            for (int i = 0; i < source.size(1); i++) {
                int padding = i < cells ? picture[b * cells + i] : text[b * text.length / batch + i - cells];
                bias.putScalar(new int[] {b, 0, 0, i}, padding == 1 ? -1e9 : 0);
            }
        }
        return bias;
    }

    private static INDArray queries(Golden golden, long batch) {
        INDArray queries = golden.array("input.query_embed");
        INDArray[] all = new INDArray[(int) batch];
        Arrays.fill(all, queries);
        return Nd4j.stack(0, all).dup('c');
    }
}
