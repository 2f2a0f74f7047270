package io.github.sherl4j.layer;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sherl4j.TestArrays;
import io.github.sherl4j.nd.Memory;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class TransformerBlockTest {
    @Test
    void normsStandBehindTheResidualSums() {
        try (Memory memory = new Memory(DataType.DOUBLE)) {
            Context context = Context.of(memory);
            INDArray input = TestArrays.normal(DataType.DOUBLE, 1, 2, 3, LayerCase.WIDTH);
            INDArray middle = TestArrays.blank(DataType.DOUBLE, input.shape());
            INDArray expected = TestArrays.blank(DataType.DOUBLE, input.shape());
            LayerCase.attention(DataType.DOUBLE).infer(input, context, middle);
            middle.addi(input);
            LayerCase.norm(DataType.DOUBLE, "n1").infer(middle, context, middle);
            LayerCase.feedForward(DataType.DOUBLE).infer(middle, context, expected);
            expected.addi(middle);
            LayerCase.norm(DataType.DOUBLE, "n2").infer(expected, context, expected);

            INDArray result = TestArrays.blank(DataType.DOUBLE, input.shape());
            LayerCase.block(DataType.DOUBLE).infer(input, context, result);

            assertThat(TestArrays.difference(TestArrays.numbers(result), TestArrays.numbers(expected)))
                    .isLessThan(1e-13);
            assertThat(LayerCase.block(DataType.DOUBLE).parameters()).hasSize(16);
        }
    }
}
