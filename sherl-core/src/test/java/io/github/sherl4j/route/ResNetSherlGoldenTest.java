package io.github.sherl4j.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sherl4j.Golden;
import io.github.sherl4j.adapter.AdapterNames;
import io.github.sherl4j.adapter.AdapterOptions;
import io.github.sherl4j.adapter.SherlAdapter;
import io.github.sherl4j.backbone.resnet.GoldenResNet;
import io.github.sherl4j.backbone.resnet.ResNetBackbone;
import io.github.sherl4j.data.ImageBatch;
import io.github.sherl4j.layer.BatchNorm;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.layer.ParameterGroups;
import io.github.sherl4j.nd.Memory;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The paper's image tower: states, output, every gradient, and the running statistics behind the step. */
class ResNetSherlGoldenTest {
    static Stream<Object[]> files() {
        return Stream.of("plain", "resnext", "caffe")
                .flatMap(file -> Stream.of(DataType.DOUBLE, DataType.FLOAT)
                        .flatMap(type -> Stream.of(true, false)
                                .map(folded -> new Object[] {"resnet_sherl_" + file, type, folded})));
    }

    @ParameterizedTest(name = "{0} {1} folded {2}")
    @MethodSource("files")
    void equalsTheReferenceInStatesOutputAndEveryGradient(String file, DataType type, boolean folded) {
        try (Golden golden = new Golden(file, type);
                ResNetBackbone backbone = load(golden, folded);
                ImageBatch batch = GoldenResNet.pictures(golden);
                Memory memory = new Memory(type)) {
            AdapterOptions options = AdapterOptions.vseImage(golden.number("side_hidden"));
            List<Integer> taps = backbone.config().stageTaps();
            SherlAdapter adapter =
                    new SherlAdapter(options, taps.stream().map(backbone::width).toList(), backbone.width(), type, 1);
            adapter.statistics(BatchNorm.Statistics.BATCH);
            load(golden, "param.side_module.", options, adapter.parameters());
            SherlRoute<ImageBatch> route = new SherlRoute<>(backbone, adapter, taps, 1);
            try (ParameterGroups groups = new ParameterGroups(adapter.parameters())) {
                for (int round = 0; round < 3; round++) {
                    memory.reset();
                    groups.zeroGradients();
                    load(golden, "buffer.side_module.", options, adapter.buffers());
                    Context context = backbone.context(memory, batch, OptionalLong.empty());
                    INDArray last = memory.step().array(route.resultShape(batch));
                    SherlRoute.Kept step = route.forward(batch, context, last);
                    TwoPools pools = new TwoPools(last, context);
                    golden.check("output", pools.sum());
                    for (int i = 0; i < step.adapter().states().size(); i++) {
                        INDArray state = step.adapter().states().get(i);
                        golden.check(
                                "hidden."
                                        + (taps.size() - step.adapter().states().size() + i),
                                GoldenResNet.channelsFirst(state));
                    }
                    step.backward(pools.backward(golden.array("cotangent")));
                    for (Parameter parameter : groups.parameters()) {
                        golden.check(
                                "grad.param.side_module." + AdapterNames.reference(options, parameter.name()),
                                parameter.gradient());
                    }
                    for (Parameter buffer : adapter.buffers()) {
                        golden.check(
                                "after.side_module." + AdapterNames.reference(options, buffer.name()), buffer.value());
                    }
                }
                assertThat(golden.worst()).isPositive();
                assertThat(backbone.parameters()).noneMatch(Parameter::trainable);
            }
        }
    }

    private static ResNetBackbone load(Golden golden, boolean folded) {
        return folded
                ? ResNetBackbone.load(GoldenResNet.config(golden), GoldenResNet.weights(golden), golden.type())
                : ResNetBackbone.loadTrainable(
                        GoldenResNet.config(golden), GoldenResNet.weights(golden), golden.type());
    }

    static void load(Golden golden, String prefix, AdapterOptions options, List<Parameter> into) {
        for (Parameter parameter : into) {
            INDArray array = golden.array(prefix + AdapterNames.reference(options, parameter.name()));
            parameter.value().assign(array.reshape(parameter.value().shape()));
        }
    }
}
