package io.github.sherl4j.adapter;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sherl4j.Golden;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.layer.ParameterGroups;
import io.github.sherl4j.nd.Memory;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class VseTextGoldenTest {
    @ParameterizedTest
    @EnumSource(
            value = DataType.class,
            names = {"DOUBLE", "FLOAT"})
    void equalsTheReferenceInOutputAndEveryGradient(DataType type) {
        try (Golden golden = new Golden("vse_text", type);
                Memory memory = new Memory(type)) {
            int layers = golden.number("layers");
            AdapterOptions options =
                    AdapterOptions.vseText(golden.number("hidden")).withDropout(0);
            assertThat(options.normEps()).isEqualTo(golden.real("eps"));
            SherlAdapter adapter = new SherlAdapter(options, layers, golden.number("width"), type, 1);
            for (Parameter parameter : adapter.parameters()) {
                parameter.value().assign(golden.array("param." + AdapterNames.reference(parameter.name())));
            }
            try (ParameterGroups groups = new ParameterGroups(adapter.parameters())) {
                List<INDArray> hidden = IntStream.range(0, layers)
                        .mapToObj(i -> golden.array("input.hidden." + i))
                        .toList();
                List<INDArray> gradHidden = hidden.stream()
                        .map(state -> Nd4j.createUninitialized(type, state.shape()))
                        .toList();
                INDArray output = Nd4j.createUninitialized(type, hidden.get(0).shape());
                INDArray inferred = output.ulike();
                Context context = Context.of(memory);

                for (int round = 0; round < 3; round++) { // the arenas learn in the first and are warm in the third
                    memory.reset();
                    groups.zeroGradients();
                    adapter.infer(hidden, context, inferred);
                    golden.check("output", inferred);
                    SherlAdapter.Kept step = adapter.forward(hidden, context, output);
                    golden.check("output", output);
                    step.backward(golden.array("cotangent"), gradHidden);
                    for (Parameter parameter : adapter.parameters()) {
                        golden.check("grad.param." + AdapterNames.reference(parameter.name()), parameter.gradient());
                    }
                    for (int i = 0; i < layers; i++) {
                        golden.check("grad.input.hidden." + i, gradHidden.get(i));
                    }
                }
            }
        }
    }
}
