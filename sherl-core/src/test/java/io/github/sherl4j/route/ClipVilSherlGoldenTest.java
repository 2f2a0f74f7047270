package io.github.sherl4j.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sherl4j.Golden;
import io.github.sherl4j.adapter.AdapterInput;
import io.github.sherl4j.adapter.AdapterNames;
import io.github.sherl4j.adapter.AdapterOptions;
import io.github.sherl4j.adapter.SherlAdapter;
import io.github.sherl4j.backbone.clipvil.ClipVilBackbone;
import io.github.sherl4j.backbone.clipvil.ClipVilConfig;
import io.github.sherl4j.data.QuestionBatch;
import io.github.sherl4j.data.TokenBatch;
import io.github.sherl4j.data.TokenizedText;
import io.github.sherl4j.head.AnswerHead;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.layer.ParameterGroups;
import io.github.sherl4j.nd.Memory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class ClipVilSherlGoldenTest {
    private static final String SIDE = "bert.encoder.side_block.";

    @ParameterizedTest
    @EnumSource(
            value = DataType.class,
            names = {"DOUBLE", "FLOAT"})
    void equalsTheReferenceInStatesOutputsAndEveryGradient(DataType type) {
        try (Golden golden = new Golden("clipvil_sherl", type);
                ClipVilBackbone network = ClipVilBackbone.load(config(golden), golden.below("param."), null, type);
                QuestionBatch batch = batch(golden);
                Memory memory = new Memory(type)) {
            List<Integer> taps = SherlRoute.allTaps(golden.number("layers"), 1);
            AdapterOptions options = AdapterOptions.clipVil(golden.number("side_hidden"));
            SherlAdapter adapter = new SherlAdapter(options, taps.size(), golden.number("width"), type, 1);
            for (Parameter parameter : adapter.parameters()) {
                parameter.value().assign(golden.array("param." + reference(options, parameter)));
            }
            assertThat(adapter.parameters().stream().map(parameter -> reference(options, parameter)))
                    .containsExactlyInAnyOrder(
                            Objects.requireNonNull(golden.metadata().get("trainable"))
                                    .split(" "));
            SherlRoute<QuestionBatch> route = new SherlRoute<>(network, adapter, taps, 1);
            try (ParameterGroups groups = new ParameterGroups(route.trainable());
                    AnswerHead head = new AnswerHead("vqa", network.pooler(), 2, type, 1);
                    INDArray cotangent = golden.array("cotangent")) {
                for (int round = 0; round < 3; round++) { // the arenas learn in the first and are warm in the third
                    memory.reset();
                    groups.zeroGradients();
                    Context context = network.context(memory, batch, OptionalLong.empty());
                    INDArray output = memory.step().array(route.resultShape(batch));
                    INDArray pooled = memory.step().array(batch.size(), network.width());
                    route.infer(batch, context, output);
                    golden.check("output", output);

                    SherlRoute.Kept step = route.forward(batch, context, output);
                    golden.check("output", output);
                    head.pool(output, context, pooled);
                    golden.check("pooled", pooled);
                    for (int i = 0; i < taps.size(); i++) {
                        golden.check("hidden." + i, step.adapter().states().get(i));
                    }
                    INDArray adapted = memory.step().array(output.shape());
                    adapter.infer(AdapterInput.of(step.adapter().states()), context, adapted);
                    golden.check("adapter.output", adapted);
                    step.backward(cotangent.dup());
                    for (Parameter parameter : adapter.parameters()) {
                        golden.check("grad.param." + reference(options, parameter), parameter.gradient());
                    }
                }
            }
            assertThat(network.parameters()).noneMatch(Parameter::trainable);
            assertThat(golden.worst()).isPositive();
        }
    }

    private static String reference(AdapterOptions options, Parameter parameter) {
        return SIDE + AdapterNames.reference(options, parameter.name());
    }

    private static ClipVilConfig config(Golden golden) {
        return new ClipVilConfig(
                golden.number("vocab"),
                golden.number("positions"),
                2,
                golden.number("width"),
                golden.number("layers"),
                golden.number("heads"),
                golden.number("ff"),
                golden.number("visual_dim"),
                golden.real("layer_norm_eps"));
    }

    private static QuestionBatch batch(Golden golden) {
        int size = golden.number("batch");
        int tokens = golden.number("tokens");
        int[] ids = golden.integers("input.input_ids");
        int[] types = golden.integers("input.token_type_ids");
        int[] mask = golden.integers("input.attention_mask");
        List<TokenizedText> texts = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            int length = Arrays.stream(mask, i * tokens, (i + 1) * tokens).sum();
            texts.add(new TokenizedText(
                    Arrays.copyOfRange(ids, i * tokens, i * tokens + length),
                    Arrays.copyOfRange(types, i * tokens, i * tokens + length)));
        }
        return QuestionBatch.of(
                TokenBatch.of(texts, new int[0]),
                golden.array("input.visual_feats"),
                golden.array("input.visual_attention_mask"),
                null);
    }
}
