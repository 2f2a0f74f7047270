package io.github.sherl4j.backbone.resnet;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sherl4j.Golden;
import io.github.sherl4j.data.ImageBatch;
import io.github.sherl4j.layer.AveragePool;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.Layer;
import io.github.sherl4j.layer.MaxPool;
import io.github.sherl4j.nd.Memory;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The backbone's tapped states, and its last block with the pooling behind it, against the reference. */
class ResNetGoldenTest {
    static Stream<Object[]> files() {
        return Stream.of("plain", "resnext", "caffe", "embed")
                .flatMap(file -> Stream.of(DataType.DOUBLE, DataType.FLOAT)
                        .flatMap(type -> Stream.of(true, false)
                                .map(folded -> new Object[] {"resnet_sherl_" + file, type, folded})));
    }

    @ParameterizedTest(name = "{0} {1} folded {2}")
    @MethodSource("files")
    void statesAndLastBlockEqualTheReference(String file, DataType type, boolean folded) {
        try (Golden golden = new Golden(file, type);
                ResNetBackbone backbone = load(golden, folded);
                ImageBatch batch = GoldenResNet.pictures(golden);
                Memory memory = new Memory(type)) {
            List<Integer> taps = backbone.config().stageTaps();
            assertThat(backbone.isFolded()).isEqualTo(folded);
            for (int round = 0; round < 2; round++) {
                memory.reset();
                Context context = backbone.context(memory, batch, OptionalLong.empty());
                INDArray state = memory.step().array(backbone.stateShape(batch));
                backbone.stem().infer(batch, context, state);
                for (int i = 0; i < backbone.config().blocks() - 1; i++) {
                    INDArray next = memory.step().array(backbone.stateShape(batch, i + 1));
                    backbone.blocks().get(i).infer(state, context, next);
                    state = next;
                    if (taps.contains(i + 1)) {
                        golden.check("hidden." + taps.indexOf(i + 1), GoldenResNet.channelsFirst(state));
                    }
                }
                INDArray adapted = GoldenResNet.channelsLast(golden.array("adapter.output"));
                Layer late = backbone.blocks().get(backbone.config().blocks() - 1);
                INDArray last = memory.step().array(late.outputShape(adapted.shape()));
                late.infer(adapted, context, last);
                golden.check(golden.has("features") ? "features" : "output", pooled(context, last));
                late.forward(adapted, context, last);
                golden.check(golden.has("features") ? "features" : "output", pooled(context, last));
            }
            assertThat(golden.worst()).isPositive();
        }
    }

    private static ResNetBackbone load(Golden golden, boolean folded) {
        ResNetConfig config = GoldenResNet.config(golden);
        return folded
                ? ResNetBackbone.load(config, GoldenResNet.weights(golden), golden.type())
                : ResNetBackbone.loadTrainable(config, GoldenResNet.weights(golden), golden.type());
    }

    private static INDArray pooled(Context context, INDArray state) {
        INDArray sum = Nd4j.create(state.dataType(), new MaxPool(2, 2, 0).outputShape(state.shape()));
        for (Layer pool : List.of(new MaxPool(2, 2, 0), new AveragePool(2, 2, 0))) {
            INDArray pooled = Nd4j.create(state.dataType(), sum.shape());
            pool.infer(state, context, pooled);
            sum.addi(pooled);
        }
        return sum;
    }
}
