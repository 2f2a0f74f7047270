package io.github.sherl4j.head;

import static io.github.sherl4j.TestArrays.numbers;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.sherl4j.TestArrays;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.ParameterGroups;
import io.github.sherl4j.nd.Memory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The pixels of a picture are pooled as the tokens of a text are. */
class PicturePoolingTest {
    @ParameterizedTest
    @EnumSource
    void pixelsAreTokens(EmbeddingOptions.TokenPooling pooling) {
        EmbeddingOptions options = EmbeddingOptions.defaults().withEmbed(5).withPooling(pooling);
        INDArray tokens = TestArrays.blank(DataType.DOUBLE, 2, 6, 4);
        TestArrays.set(tokens, TestArrays.normal(48, 1));
        INDArray pixels = tokens.reshape('c', 2, 3, 2, 4);
        try (Memory memory = new Memory(DataType.DOUBLE);
                EmbeddingHead head = new EmbeddingHead("head", options, 4, DataType.DOUBLE, 3);
                ParameterGroups parameters = new ParameterGroups(head.parameters())) {
            INDArray ofTokens = TestArrays.blank(DataType.DOUBLE, 2, 5);
            INDArray ofPixels = TestArrays.blank(DataType.DOUBLE, 2, 5);
            head.infer(tokens, Context.of(memory), ofTokens);
            head.infer(pixels, Context.of(memory), ofPixels);
            assertThat(numbers(ofPixels)).isEqualTo(numbers(ofTokens));

            INDArray gradient = TestArrays.blank(DataType.DOUBLE, 2, 5);
            TestArrays.set(gradient, TestArrays.normal(10, 2));
            double[] expected = backward(head, tokens, gradient.dup(), memory);
            double[] ofParameters = numbers(parameters.groups().get(0).gradients());
            parameters.zeroGradients();
            assertThat(backward(head, pixels, gradient.dup(), memory)).isEqualTo(expected);
            assertThat(numbers(parameters.groups().get(0).gradients())).isEqualTo(ofParameters);
        }
    }

    private static double[] backward(EmbeddingHead head, INDArray states, INDArray gradient, Memory memory) {
        memory.reset();
        INDArray result = memory.step().array(2, 5);
        INDArray gradStates = head.forward(states, Context.of(memory), result).backward(gradient);
        assertThat(gradStates.shape()).isEqualTo(states.shape());
        return numbers(gradStates);
    }
}
