package io.github.sherl4j.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sherl4j.Golden;
import io.github.sherl4j.adapter.AdapterNames;
import io.github.sherl4j.adapter.AdapterOptions;
import io.github.sherl4j.adapter.SherlAdapter;
import io.github.sherl4j.backbone.bert.BertBackbone;
import io.github.sherl4j.data.TokenBatch;
import io.github.sherl4j.head.EmbeddingHead;
import io.github.sherl4j.head.EmbeddingOptions;
import io.github.sherl4j.head.GeneralizedPooling;
import io.github.sherl4j.head.Head;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.layer.ParameterGroups;
import io.github.sherl4j.nd.Memory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class BertSherlEmbedGoldenTest {
    @ParameterizedTest
    @EnumSource(
            value = DataType.class,
            names = {"DOUBLE", "FLOAT"})
    void equalsTheReferenceInEmbeddingsAndEveryGradient(DataType type) {
        try (Golden golden = new Golden("bert_sherl_embed", type);
                BertBackbone bert =
                        BertBackbone.load(BertSherlGoldenTest.config(golden), golden.below("param."), null, type);
                TokenBatch batch = BertSherlGoldenTest.batch(golden);
                Memory memory = new Memory(type)) {
            List<Integer> taps = SherlRoute.allTaps(golden.number("layers"), 1);
            AdapterOptions options =
                    AdapterOptions.vseText(golden.number("side_hidden")).withDropout(0);
            SherlAdapter adapter = new SherlAdapter(options, taps.size(), golden.number("width"), type, 1);
            EmbeddingOptions embedding = EmbeddingOptions.defaults()
                    .withEmbed(golden.number("embed"))
                    .withGeneralized(new GeneralizedPooling.Options(
                            golden.number("d_pe"), golden.number("d_hidden"), golden.real("temperature")));
            assertThat(embedding.normEps()).isEqualTo(golden.real("l1_l2_eps"));
            EmbeddingHead head = new EmbeddingHead("head", embedding, golden.number("width"), type, 1);
            List<Parameter> trainable = new ArrayList<>(adapter.parameters());
            trainable.addAll(head.parameters());
            for (Parameter parameter : trainable) {
                parameter.value().assign(golden.array("param." + reference(parameter.name())));
            }
            assertThat(trainable.stream().map(p -> reference(p.name())).collect(Collectors.toSet()))
                    .hasSameElementsAs(
                            Arrays.asList(golden.metadata().get("trainable").split(" ")));
            SherlRoute<TokenBatch> route = new SherlRoute<>(bert, adapter, taps, 1);

            try (ParameterGroups groups = new ParameterGroups(trainable)) {
                for (int round = 0; round < 3; round++) {
                    memory.reset();
                    groups.zeroGradients();
                    Context context = bert.context(memory, batch, OptionalLong.empty());
                    INDArray state = memory.step().array(bert.stateShape(batch));
                    INDArray output = memory.step().array(batch.size(), head.outputWidth());
                    route.infer(batch, context, state);
                    head.infer(state, context, output);
                    golden.check("output", output);

                    SherlRoute.Kept step = route.forward(batch, context, state);
                    Head.HeadStep headStep = head.forward(state, context, output);
                    golden.check("output", output);
                    step.backward(headStep.backward(golden.array("cotangent")));
                    for (Parameter parameter : trainable) {
                        golden.check("grad.param." + reference(parameter.name()), parameter.gradient());
                    }
                }
                assertThat(golden.worst()).isPositive();
            }
        }
    }

    private static String reference(String name) {
        if (name.startsWith("adapter.")) {
            return "side_module." + AdapterNames.reference(name);
        }
        return name.replace("head.linear", "text_fc").replace("head.pooling", "text_agg");
    }
}
