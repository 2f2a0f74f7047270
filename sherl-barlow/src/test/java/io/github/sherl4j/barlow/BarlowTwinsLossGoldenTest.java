package io.github.sherl4j.barlow;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sherl4j.Golden;
import io.github.sherl4j.layer.BatchNorm;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.nd.NativeArrays;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class BarlowTwinsLossGoldenTest {
    static Stream<Arguments> cases() {
        return Stream.of("barlow_loss_tall", "barlow_loss_wide")
                .flatMap(file -> Stream.of(DataType.DOUBLE, DataType.FLOAT)
                        .flatMap(type -> Stream.of(LossForm.values()).map(form -> Arguments.of(file, type, form))));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void valueAndGradientsAreThoseOfTheReference(String file, DataType type, LossForm form) {
        try (Golden golden = new Golden(file, type);
                BarlowTwinsLoss loss = new BarlowTwinsLoss(options(golden).withForm(form))) {
            INDArray z1 = golden.array("input.z1");
            INDArray z2 = golden.array("input.z2");
            assertThat(z1.shape()).containsExactly(golden.number("batch"), golden.number("dim"));

            LossResult result = loss.of(z1, z2);

            golden.check("output", Nd4j.scalar(result.value()));
            double cotangent = golden.array("cotangent").getDouble(0);
            golden.check("grad.input.z1", result.gradient1().muli(cotangent));
            golden.check("grad.input.z2", result.gradient2().muli(cotangent));
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void soTheyAreInParts(String file, DataType type, LossForm form) {
        try (Golden golden = new Golden(file, type);
                BarlowTwinsLoss loss = new BarlowTwinsLoss(options(golden).withForm(form));
                Memory memory = new Memory(type);
                MicroBatches parts = loss.parts(golden.number("batch"), golden.number("dim"), type)) {
            INDArray z1 = golden.array("input.z1");
            INDArray z2 = golden.array("input.z2");
            INDArray gradient1 = z1.dup();
            INDArray gradient2 = z2.dup();
            int batch = golden.number("batch");
            int size = Math.max(1, batch / 2 - 1);
            for (int from = 0; from < batch; from += size) {
                int to = Math.min(batch, from + size);
                parts.add(memory.slices(z1, from, to), memory.slices(z2, from, to));
            }
            golden.check("output", Nd4j.scalar(parts.loss().value()));
            for (int from = 0; from < batch; from += size) {
                int to = Math.min(batch, from + size);
                LossGradients part = parts.gradients(memory.slices(z1, from, to), memory.slices(z2, from, to));
                memory.ops().copy(part.first(), memory.slices(gradient1, from, to));
                memory.ops().copy(part.second(), memory.slices(gradient2, from, to));
            }
            double cotangent = golden.array("cotangent").getDouble(0);
            golden.check("grad.input.z1", gradient1.muli(cotangent));
            golden.check("grad.input.z2", gradient2.muli(cotangent));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "barlow_loss_tall, DOUBLE",
        "barlow_loss_tall, FLOAT",
        "barlow_loss_wide, DOUBLE",
        "barlow_loss_wide, FLOAT"
    })
    void runningStatisticsOfTheNormMoveByBothViewsInTurn(String file, DataType type) {
        try (Golden golden = new Golden(file, type);
                Memory memory = new Memory(type)) {
            int width = golden.number("dim");
            Parameter mean = Parameter.unregularized("mean", Nd4j.create(type, width));
            Parameter variance = Parameter.unregularized("variance", NativeArrays.filled(type, 1, width));
            BatchNorm norm = new BatchNorm(null, null, mean, variance, golden.real("bn_eps"));
            norm.statistics(BatchNorm.Statistics.BATCH);
            for (String view : new String[] {"input.z1", "input.z2"}) {
                INDArray embedding = golden.array(view);
                norm.forward(embedding, Context.of(memory), embedding);
            }
            golden.check("buffer.bn.running_mean", mean.value());
            golden.check("buffer.bn.running_var", variance.value());
        }
    }

    private static LossOptions options(Golden golden) {
        return LossOptions.defaults().withLambda(golden.real("lambd")).withEps(golden.real("bn_eps"));
    }
}
