package io.github.sherl4j.head;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sherl4j.Golden;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.layer.ParameterGroups;
import io.github.sherl4j.nd.Memory;
import java.util.OptionalLong;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class GeneralizedPoolingGoldenTest {
    @ParameterizedTest
    @EnumSource(
            value = DataType.class,
            names = {"DOUBLE", "FLOAT"})
    void equalsTheReferenceInOutputAndEveryGradient(DataType type) {
        try (Golden golden = new Golden("gpo", type);
                Memory memory = new Memory(type)) {
            GeneralizedPooling.Options options = new GeneralizedPooling.Options(
                    golden.number("d_pe"), golden.number("d_hidden"), golden.real("temperature"));
            GeneralizedPooling pooling = new GeneralizedPooling("pooling", options, type, 1);
            for (Parameter parameter : pooling.parameters()) {
                parameter.value().assign(golden.array(parameter.name().replace("pooling.", "param.")));
            }
            INDArray features = golden.array("input.features");
            int[] lengths = golden.integers("input.lengths");
            INDArray mask = Nd4j.create(type, features.size(0), features.size(1));
            for (int n = 0; n < lengths.length; n++) {
                for (int token = 0; token < lengths[n]; token++) {
                    mask.putScalar(n, token, 1);
                }
            }
            Context context = new Context(memory, mask, null, OptionalLong.empty());
            INDArray output = Nd4j.create(type, features.size(0), features.size(2));

            try (ParameterGroups groups = new ParameterGroups(pooling.parameters())) {
                for (int round = 0; round < 3; round++) { // the arenas learn in the first and are warm in the third
                    memory.reset();
                    groups.zeroGradients();
                    pooling.infer(features, context, output);
                    golden.check("output", output);
                    output.assign(Double.NaN);
                    GeneralizedPooling.Kept step = pooling.forward(features, context, output);
                    golden.check("output", output);
                    golden.check("grad.input.features", step.backward(golden.array("cotangent")));
                    for (Parameter parameter : pooling.parameters()) {
                        golden.check(parameter.name().replace("pooling.", "grad.param."), parameter.gradient());
                    }
                }
            }
            assertThat(golden.worst()).isPositive();
        }
    }
}
