package io.github.sherl4j.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sherl4j.Golden;
import io.github.sherl4j.adapter.AdapterNames;
import io.github.sherl4j.adapter.AdapterOptions;
import io.github.sherl4j.adapter.SherlAdapter;
import io.github.sherl4j.backbone.resnet.GoldenResNet;
import io.github.sherl4j.backbone.resnet.ResNetBackbone;
import io.github.sherl4j.data.ImageBatch;
import io.github.sherl4j.head.EmbeddingHead;
import io.github.sherl4j.head.EmbeddingOptions;
import io.github.sherl4j.head.GeneralizedPooling;
import io.github.sherl4j.head.Head;
import io.github.sherl4j.layer.BatchNorm;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.layer.ParameterGroups;
import io.github.sherl4j.nd.Memory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The image tower to its embedding, on running statistics everywhere. */
class ResNetSherlEmbedGoldenTest {
    @ParameterizedTest
    @EnumSource(
            value = DataType.class,
            names = {"DOUBLE", "FLOAT"})
    void equalsTheReferenceInEmbeddingsAndEveryGradient(DataType type) {
        try (Golden golden = new Golden("resnet_sherl_embed", type);
                ResNetBackbone backbone =
                        ResNetBackbone.load(GoldenResNet.config(golden), GoldenResNet.weights(golden), type);
                ImageBatch batch = GoldenResNet.pictures(golden);
                Memory memory = new Memory(type)) {
            AdapterOptions options = AdapterOptions.vseImage(golden.number("side_hidden"));
            List<Integer> taps = backbone.config().stageTaps();
            SherlAdapter adapter =
                    new SherlAdapter(options, taps.stream().map(backbone::width).toList(), backbone.width(), type, 1);
            adapter.statistics(BatchNorm.Statistics.RUNNING);
            ResNetSherlGoldenTest.load(golden, "buffer.backbone.side_module.", options, adapter.buffers());
            EmbeddingHead head = head(golden, backbone.width());
            List<Parameter> trainable = new ArrayList<>(adapter.parameters());
            trainable.addAll(head.parameters());
            for (Parameter parameter : trainable) {
                INDArray array = golden.array("param." + reference(options, parameter.name()));
                parameter.value().assign(array.reshape(parameter.value().shape()));
            }
            assertThat(trainable.stream()
                            .map(parameter -> reference(options, parameter.name()))
                            .collect(Collectors.toSet()))
                    .hasSameElementsAs(Arrays.asList(
                            Objects.requireNonNull(golden.metadata().get("trainable"))
                                    .split(" ")));
            SherlRoute<ImageBatch> route = new SherlRoute<>(backbone, adapter, taps, 1);
            try (ParameterGroups groups = new ParameterGroups(trainable)) {
                for (int round = 0; round < 3; round++) {
                    memory.reset();
                    groups.zeroGradients();
                    Context context = backbone.context(memory, batch, OptionalLong.empty());
                    INDArray last = memory.step().array(route.resultShape(batch));
                    INDArray output = memory.step().array(batch.size(), head.outputWidth());
                    route.infer(batch, context, last);
                    head.infer(new TwoPools(last, context).sum(), context, output);
                    golden.check("output", output);

                    SherlRoute.Kept step = route.forward(batch, context, last);
                    TwoPools pools = new TwoPools(last, context);
                    golden.check("features", pools.sum());
                    Head.HeadStep headStep = head.forward(pools.sum(), context, output);
                    golden.check("output", output);
                    step.backward(pools.backward(headStep.backward(golden.array("cotangent"))));
                    for (Parameter parameter : trainable) {
                        golden.check("grad.param." + reference(options, parameter.name()), parameter.gradient());
                    }
                }
                assertThat(golden.worst()).isPositive();
            }
        }
    }

    private static EmbeddingHead head(Golden golden, long width) {
        EmbeddingOptions embedding = EmbeddingOptions.defaults()
                .withEmbed(golden.number("embed"))
                .withGeneralized(new GeneralizedPooling.Options(
                        golden.number("d_pe"), golden.number("d_hidden"), golden.real("temperature")));
        return new EmbeddingHead("head", embedding, width, golden.type(), 1);
    }

    private static String reference(AdapterOptions options, String name) {
        if (name.startsWith("adapter.")) {
            return "backbone.side_module." + AdapterNames.reference(options, name);
        }
        return name.replace("head.linear", "image_fc").replace("head.pooling", "image_agg");
    }
}
