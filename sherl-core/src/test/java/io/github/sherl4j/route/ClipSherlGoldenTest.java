package io.github.sherl4j.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sherl4j.Golden;
import io.github.sherl4j.adapter.AdapterNames;
import io.github.sherl4j.adapter.AdapterOptions;
import io.github.sherl4j.adapter.SherlAdapter;
import io.github.sherl4j.backbone.FeatureBackbone;
import io.github.sherl4j.backbone.clip.ClipGolden;
import io.github.sherl4j.backbone.clip.ClipImageBackbone;
import io.github.sherl4j.backbone.clip.ClipTextBackbone;
import io.github.sherl4j.data.ImageBatch;
import io.github.sherl4j.data.TokenBatch;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.layer.ParameterGroups;
import io.github.sherl4j.nd.Memory;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** SHERL over both of CLIP's towers against the reference: states, feature, output, every gradient. */
class ClipSherlGoldenTest {
    static Stream<Object[]> cases() {
        return Stream.of("msrvtt", "msvd")
                .flatMap(data -> Stream.of(DataType.DOUBLE, DataType.FLOAT).map(type -> new Object[] {data, type}));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void picturesEqualTheReference(String data, DataType type) {
        try (Golden golden = new Golden("clip_image_sherl_" + data, type);
                ClipImageBackbone clip = ClipGolden.image(golden);
                ImageBatch batch = ClipGolden.pictures(golden)) {
            check(golden, "side_img_block.", clip, batch);
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void textsEqualTheReference(String data, DataType type) {
        try (Golden golden = new Golden("clip_text_sherl_" + data, type);
                ClipTextBackbone clip = ClipGolden.text(golden);
                TokenBatch batch = ClipGolden.texts(golden)) {
            check(golden, "side_txt_block.", clip, batch);
        }
    }

    private static <B> void check(Golden golden, String side, FeatureBackbone<B> clip, B batch) {
        boolean gates = Objects.equals(golden.metadata().get("datatype"), "msrvtt");
        AdapterOptions options = AdapterOptions.clipVideo(golden.number("side_hidden"), gates);
        List<Integer> taps = SherlRoute.allTaps(clip.blocks().size(), 0);
        List<Long> widths = Collections.nCopies(taps.size(), clip.width());
        try (Memory memory = new Memory(golden.type());
                SherlAdapter adapter = new SherlAdapter(options, widths, clip.featureWidth(), golden.type(), 1)) {
            for (Parameter parameter : adapter.parameters()) {
                String reference = "param." + side + AdapterNames.reference(options, parameter.name());
                INDArray value = golden.array(reference);
                parameter.value().assign(value.reshape(parameter.value().shape()));
            }
            assertThat(adapter.parameters().stream()
                            .map(parameter -> side + AdapterNames.reference(options, parameter.name())))
                    .containsExactlyInAnyOrderElementsOf(Arrays.asList(
                            Objects.requireNonNull(golden.metadata().get("trainable"))
                                    .split(" ")));
            OutputRoute<B> route = new OutputRoute<>(clip, adapter, taps);
            try (ParameterGroups groups = new ParameterGroups(route.trainable());
                    INDArray cotangent = golden.array("cotangent")) {
                for (int round = 0; round < 3; round++) { // the arenas learn in the first and are warm in the third
                    memory.reset();
                    groups.zeroGradients();
                    Context context = clip.context(memory, batch, OptionalLong.empty());
                    INDArray output = memory.step().array(route.resultShape(batch));
                    route.infer(batch, context, output);
                    golden.check("adapter.output", output);
                    golden.check("output", output);

                    OutputRoute.Kept step = route.forward(batch, context, output);
                    golden.check("output", output);
                    assertThat(step.adapter().states()).hasSameSizeAs(taps);
                    for (int i = 0; i < step.adapter().states().size(); i++) {
                        ClipGolden.check(
                                golden, "hidden." + i, step.adapter().states().get(i));
                    }
                    golden.check(
                            "hidden.last", Objects.requireNonNull(step.adapter().guide()));
                    step.backward(cotangent.dup().reshape(output.shape()));
                    for (Parameter parameter : route.trainable()) {
                        String reference = AdapterNames.reference(options, parameter.name());
                        golden.check("grad.param." + side + reference, parameter.gradient());
                    }
                }
            }
            assertThat(clip.parameters()).noneMatch(Parameter::trainable);
            assertThat(golden.worst()).isPositive();
        }
    }
}
