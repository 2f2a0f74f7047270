package io.github.sherl4j.layer;

import static io.github.sherl4j.TestArrays.difference;
import static io.github.sherl4j.TestArrays.numbers;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.sherl4j.TestArrays;
import io.github.sherl4j.nd.Memory;
import java.util.Arrays;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class PreNormBlockTest {
    private static final DataType TYPE = DataType.DOUBLE;

    private final Memory memory = new Memory(TYPE);

    @AfterEach
    void free() {
        memory.close();
    }

    @Test
    void normsStandBeforeAttentionAndFeedForward() {
        Context context = Context.of(memory);
        INDArray input = TestArrays.normal(TYPE, 1, 2, 3, LayerCase.WIDTH);
        INDArray normed = TestArrays.blank(TYPE, input.shape());
        INDArray middle = TestArrays.blank(TYPE, input.shape());
        INDArray expected = TestArrays.blank(TYPE, input.shape());
        LayerCase.norm(TYPE, "n1").infer(input, context, normed);
        LayerCase.attention(TYPE).infer(normed, context, middle);
        middle.addi(input);
        LayerCase.norm(TYPE, "n2").infer(middle, context, normed);
        new FeedForward(
                        LayerCase.linear(TYPE, "inner", LayerCase.WIDTH, LayerCase.HIDDEN),
                        LayerCase.linear(TYPE, "outer", LayerCase.HIDDEN, LayerCase.WIDTH),
                        Activation.QUICK_GELU)
                .infer(normed, context, expected);
        expected.addi(middle);

        INDArray result = infer(LayerCase.preNormBlock(TYPE), input, context);

        assertThat(difference(numbers(result), numbers(expected))).isLessThan(1e-13);
        assertThat(LayerCase.preNormBlock(TYPE).parameters()).hasSize(16);
    }

    @Test
    void underACausalBiasNoTokenSeesALaterOne() {
        double[] mask = {0, -1e9, -1e9, 0, 0, -1e9, 0, 0, 0};
        Context context = new Context(memory, null, TestArrays.of(TYPE, mask, 1, 1, 3, 3), OptionalLong.empty());
        INDArray input = TestArrays.normal(TYPE, 1, 1, 3, LayerCase.WIDTH);
        PreNormBlock block = LayerCase.preNormBlock(TYPE);
        double[] before = numbers(infer(block, input, context));

        TestArrays.set(input, 2 * LayerCase.WIDTH, 5);
        double[] after = numbers(infer(block, input, context));

        int unseen = 2 * LayerCase.WIDTH;
        assertThat(Arrays.copyOf(after, unseen)).isEqualTo(Arrays.copyOf(before, unseen));
        assertThat(after[unseen]).isNotEqualTo(before[unseen]);
    }

    private static INDArray infer(Layer layer, INDArray input, Context context) {
        INDArray result = TestArrays.blank(TYPE, input.shape());
        layer.infer(input, context, result);
        return result;
    }
}
