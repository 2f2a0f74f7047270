package io.github.sherl4j.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.sherl4j.TestArrays;
import io.github.sherl4j.nd.Memory;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class SelfAttentionTest {
    private final Memory memory = new Memory(DataType.DOUBLE);
    private final INDArray result = TestArrays.blank(DataType.DOUBLE, 1, 2, 2);

    @AfterEach
    void free() {
        memory.close();
    }

    @Test
    void mixesTokensByTheSoftmaxOfTheirScaledProducts() {
        double a = Math.sqrt(Math.sqrt(2) * Math.log(3)); // a a / sqrt(width) = log 3, so softmax gives 3/4 and 1/4
        INDArray input = tokens(a, 0, 0, a);

        identity(1).infer(input, Context.of(memory), result);

        assertThat(TestArrays.numbers(result))
                .containsExactly(new double[] {0.75 * a, 0.25 * a, 0.25 * a, 0.75 * a}, within(1e-14));
    }

    @Test
    void eachHeadLooksAtItsPartOfTheWidthAlone() {
        double a = Math.sqrt(Math.log(3)); // heads of size 1; a token that is 0 in a head looks at both equally
        INDArray input = tokens(a, 0, 0, a);

        identity(2).infer(input, Context.of(memory), result);

        assertThat(TestArrays.numbers(result))
                .containsExactly(new double[] {0.75 * a, 0.5 * a, 0.5 * a, 0.75 * a}, within(1e-14));
    }

    @Test
    void nobodyLooksAtAMaskedToken() {
        INDArray bias = TestArrays.of(DataType.DOUBLE, new double[] {0, -10000}, 1, 1, 1, 2);
        Context context = new Context(memory, null, bias, OptionalLong.empty());

        identity(1).infer(tokens(3, 1, 5, 6), context, result);

        assertThat(TestArrays.numbers(result)).containsExactly(3, 1, 3, 1);
    }

    @Test
    void extremeScoresStayFinite() {
        identity(1).infer(tokens(1e4, 0, 0, 1e4), Context.of(memory), result);

        assertThat(TestArrays.numbers(result)).containsExactly(1e4, 0, 0, 1e4);
    }

    @Test
    void whereOneProjectionLearnsOnlyWhatItNeedsIsKept() {
        SelfAttention attention = LayerCase.attention(DataType.DOUBLE);
        List<Parameter> all = attention.parameters();
        Parameter outputWeight = all.get(6);
        INDArray input = TestArrays.normal(DataType.DOUBLE, 1, 2, 3, LayerCase.WIDTH);
        INDArray output = TestArrays.blank(DataType.DOUBLE, 2, 3, LayerCase.WIDTH);
        long frozen = attention.forward(input, Context.of(memory), output).keptBytes();

        try (ParameterGroups groups = new ParameterGroups(List.of(outputWeight))) {
            memory.reset();
            LayerStep step = attention.forward(input, Context.of(memory), output);
            TestArrays.fill(input, Double.NaN);
            step.backward(output);

            assertThat(step.keptBytes() - frozen).isEqualTo(input.length() * Double.BYTES);
            assertThat(TestArrays.numbers(outputWeight.gradient())).doesNotContain(Double.NaN);
            assertThat(groups.count()).isEqualTo(16);
        }
    }

    @Test
    void refusesOtherWidthsAndHeads() {
        INDArray rows = TestArrays.blank(DataType.DOUBLE, 3, 2);

        assertThatThrownBy(() -> identity(1).infer(rows, Context.of(memory), rows))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("input of attention must have shape [*, *, 2], but has [3, 2]");
        assertThatThrownBy(() -> identity(3))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("heads must divide the width 2, but is 3");
        assertThatThrownBy(() -> identity(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("heads must divide the width 2, but is 0");
    }

    private static SelfAttention identity(int heads) {
        Linear same = new Linear(Parameter.weight("identity", Nd4j.eye(2).castTo(DataType.DOUBLE)), null);
        return new SelfAttention(same, same, same, same, heads);
    }

    private static INDArray tokens(double... numbers) {
        return TestArrays.of(DataType.DOUBLE, numbers, 1, 2, 2);
    }
}
