package io.github.sherl4j.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sherl4j.Golden;
import io.github.sherl4j.adapter.AdapterNames;
import io.github.sherl4j.adapter.AdapterOptions;
import io.github.sherl4j.adapter.SherlAdapter;
import io.github.sherl4j.backbone.bert.BertBackbone;
import io.github.sherl4j.backbone.bert.BertConfig;
import io.github.sherl4j.data.TokenBatch;
import io.github.sherl4j.data.TokenizedText;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.LayerStep;
import io.github.sherl4j.layer.Linear;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.layer.ParameterGroups;
import io.github.sherl4j.nd.Memory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class BertSherlGoldenTest {
    @ParameterizedTest
    @EnumSource(
            value = DataType.class,
            names = {"DOUBLE", "FLOAT"})
    void equalsTheReferenceInStatesOutputAndEveryGradient(DataType type) {
        try (Golden golden = new Golden("bert_sherl", type);
                BertBackbone bert = BertBackbone.load(config(golden), golden.below("param."), null, type);
                TokenBatch batch = batch(golden);
                Memory memory = new Memory(type)) {
            int layers = golden.number("layers");
            List<Integer> taps = SherlRoute.allTaps(layers, 1);
            AdapterOptions options =
                    AdapterOptions.vseText(golden.number("side_hidden")).withDropout(0);
            SherlAdapter adapter = new SherlAdapter(options, taps.size(), golden.number("width"), type, 1);
            Linear textFc = new Linear(
                    Parameter.weight("text_fc.weight", golden.array("param.text_fc.weight")),
                    Parameter.unregularized("text_fc.bias", golden.array("param.text_fc.bias")));
            for (Parameter parameter : adapter.parameters()) {
                parameter.value().assign(golden.array("param.side_module." + AdapterNames.reference(parameter.name())));
            }
            List<Parameter> trainable = new ArrayList<>(adapter.parameters());
            trainable.addAll(textFc.parameters());
            SherlRoute<TokenBatch> route = new SherlRoute<>(bert, adapter, taps, 1);

            try (ParameterGroups groups = new ParameterGroups(trainable)) {
                for (int round = 0; round < 3; round++) {
                    memory.reset();
                    groups.zeroGradients();
                    Context context = bert.context(memory, batch, OptionalLong.empty());
                    INDArray state = memory.step().array(bert.stateShape(batch));
                    INDArray output = memory.step().array(textFc.outputShape(state.shape()));
                    route.infer(batch, context, state);
                    textFc.infer(state, context, output);
                    golden.check("output", output);

                    SherlRoute.Kept step = route.forward(batch, context, state);
                    LayerStep textFcStep = textFc.forward(state, context, output);
                    golden.check("output", output);
                    for (int i = 0; i < taps.size(); i++) {
                        golden.check("hidden." + i, step.adapter().states().get(i));
                    }
                    step.backward(textFcStep.backward(golden.array("cotangent")));
                    for (Parameter parameter : adapter.parameters()) {
                        String reference = AdapterNames.reference(parameter.name());
                        golden.check("grad.param.side_module." + reference, parameter.gradient());
                    }
                    for (Parameter parameter : textFc.parameters()) {
                        golden.check("grad.param." + parameter.name(), parameter.gradient());
                    }
                }
                assertThat(golden.worst()).isPositive();
            }
        }
    }

    static BertConfig config(Golden golden) {
        return new BertConfig(
                golden.number("vocab"),
                golden.number("positions"),
                2,
                golden.number("width"),
                golden.number("layers"),
                golden.number("heads"),
                golden.number("ff"),
                golden.real("layer_norm_eps"));
    }

    static TokenBatch batch(Golden golden) {
        int[] ids = golden.integers("input.input_ids");
        int[] lengths = golden.integers("input.lengths");
        int tokens = ids.length / lengths.length;
        List<TokenizedText> texts = new ArrayList<>();
        for (int i = 0; i < lengths.length; i++) {
            texts.add(new TokenizedText(
                    Arrays.copyOfRange(ids, i * tokens, i * tokens + lengths[i]), new int[lengths[i]]));
        }
        return TokenBatch.of(texts, new int[0]);
    }
}
