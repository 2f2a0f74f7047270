package io.github.sherl4j.layer;

import static io.github.sherl4j.TestArrays.difference;
import static io.github.sherl4j.TestArrays.numbers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sherl4j.CentralDifferences;
import io.github.sherl4j.TestArrays;
import io.github.sherl4j.nd.Memory;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class AttentionTest {
    private static final DataType TYPE = DataType.DOUBLE;
    private static final int BATCH = 2;
    private static final int TOKENS = 3;
    private static final int SOURCE_TOKENS = 5;
    private static final int WIDTH = LayerCase.WIDTH;

    private final Memory memory = new Memory(TYPE);
    private final INDArray input = TestArrays.normal(TYPE, 1, BATCH, TOKENS, WIDTH);
    private final INDArray states = TestArrays.normal(TYPE, 2, BATCH, SOURCE_TOKENS, WIDTH);
    private final INDArray gradStates = TestArrays.blank(TYPE, BATCH, SOURCE_TOKENS, WIDTH);
    private final INDArray result = TestArrays.blank(TYPE, BATCH, TOKENS, WIDTH);
    private final double[] cotangent = TestArrays.normal((int) result.length(), 3);

    @AfterEach
    void free() {
        memory.close();
    }

    @Test
    void equalsASlowTranscription() {
        Attention attention = LayerCase.wideAttention(TYPE, "a");
        INDArray bias = TestArrays.normal(TYPE, 4, 1, LayerCase.HEADS, TOKENS, SOURCE_TOKENS);
        Attention.Inputs inputs = new Attention.Inputs(input, states, states);

        attention.infer(inputs, Context.of(memory), new Attention.Bias(mask(), new PositionBias(bias, null)), result);

        assertThat(difference(numbers(result), slow(attention, bias))).isLessThan(1e-13);
    }

    private double[] slow(Attention attention, INDArray bias) {
        List<Parameter> weights = attention.parameters();
        double[] expected = new double[BATCH * TOKENS * WIDTH];
        int size = LayerCase.HIDDEN / LayerCase.HEADS;
        for (int b = 0; b < BATCH; b++) {
            for (int t = 0; t < TOKENS; t++) {
                for (int h = 0; h < LayerCase.HEADS; h++) {
                    double[] share = new double[SOURCE_TOKENS];
                    double sum = 0;
                    for (int s = 0; s < SOURCE_TOKENS; s++) {
                        double score = bias.getDouble(0, h, t, s) + mask().getDouble(b, 0, 0, s);
                        for (int i = h * size; i < (h + 1) * size; i++) {
                            score += projected(weights.get(0), input, b, t, i)
                                    * projected(weights.get(1), states, b, s, i);
                        }
                        share[s] = Math.exp(score);
                        sum += share[s];
                    }
                    for (int i = h * size; i < (h + 1) * size; i++) {
                        double mixed = 0;
                        for (int s = 0; s < SOURCE_TOKENS; s++) {
                            mixed += share[s] / sum * projected(weights.get(2), states, b, s, i);
                        }
                        for (int o = 0; o < WIDTH; o++) {
                            expected[(b * TOKENS + t) * WIDTH + o] +=
                                    mixed * weights.get(3).value().getDouble(o, i);
                        }
                    }
                }
            }
        }
        return expected;
    }

    private static double projected(Parameter weight, INDArray input, int sample, int token, int unit) {
        double sum = 0;
        for (int i = 0; i < WIDTH; i++) {
            sum += weight.value().getDouble(unit, i) * input.getDouble(sample, token, i);
        }
        return sum;
    }

    @Test
    void crossAttentionSendsGradientsToBothSides() {
        checkGradients(new CrossAttention(LayerCase.wideAttention(TYPE, "cross")));
    }

    @Test
    void aDecodersBlockSendsGradientsToBothSides() {
        checkGradients(new ResidualBlock(List.of(
                new Residual(
                        LayerCase.rmsNorm(TYPE, "r1"),
                        new PositionedSelfAttention(LayerCase.wideAttention(TYPE, "self"))),
                new Residual(LayerCase.rmsNorm(TYPE, "r2"), new CrossAttention(LayerCase.wideAttention(TYPE, "cross"))),
                new Residual(LayerCase.rmsNorm(TYPE, "r3"), LayerCase.gatedFeedForward(TYPE)))));
    }

    private void checkGradients(Layer layer) {
        try (ParameterGroups groups = new ParameterGroups(layer.parameters())) {
            for (int round = 0; round < 2; round++) {
                groups.zeroGradients();
                TestArrays.fill(gradStates, 0);
                INDArray gradOutput = TestArrays.of(TYPE, cotangent, result.shape());
                INDArray gradInput = forward(layer).backward(gradOutput);

                INDArray gradient = TestArrays.of(TYPE, numbers(gradInput), input.shape());
                CentralDifferences.check("input", input, gradient, () -> loss(layer));
                CentralDifferences.check("source", states, gradStates, () -> loss(layer));
                for (Parameter parameter : layer.parameters()) {
                    CentralDifferences.check(
                            parameter.name(), parameter.value(), parameter.gradient(), () -> loss(layer));
                }
            }
        }
    }

    @Test
    void positionBiasesGetTheSumOfTheirGradients() {
        PositionedSelfAttention layer = new PositionedSelfAttention(LayerCase.wideAttention(TYPE, "self"));
        INDArray values = TestArrays.normal(TYPE, 5, 1, LayerCase.HEADS, TOKENS, TOKENS);
        INDArray gradient = TestArrays.normal(TYPE, 5, 1, LayerCase.HEADS, TOKENS, TOKENS);
        TestArrays.fill(gradient, 0);
        Context context = Context.of(memory).withPositionBias(new PositionBias(values, gradient));

        LayerStep step = layer.forward(input, context, result);
        step.backward(TestArrays.of(TYPE, cotangent, result.shape()));

        CentralDifferences.check("positions", values, gradient, () -> {
            memory.reset();
            layer.forward(input, context, result);
            return CentralDifferences.weightedSum(result, cotangent);
        });
    }

    @Test
    void frozenItKeepsNeitherInputNorSource() {
        CrossAttention layer = new CrossAttention(LayerCase.wideAttention(TYPE, "cross"));
        LayerStep step = forward(layer);
        long projected = (long) BATCH * LayerCase.HIDDEN * (TOKENS + 2 * SOURCE_TOKENS);
        long probabilities = (long) BATCH * LayerCase.HEADS * TOKENS * SOURCE_TOKENS;

        assertThat(step.keptBytes()).isEqualTo((projected + probabilities) * Double.BYTES);
        TestArrays.fill(gradStates, 0);
        double[] expected = numbers(step.backward(TestArrays.of(TYPE, cotangent, result.shape())));
        double[] expectedOfSource = numbers(gradStates);

        LayerStep again = forward(layer);
        TestArrays.fill(gradStates, 0);
        TestArrays.fill(input, Double.NaN);
        TestArrays.fill(states, Double.NaN);
        assertThat(numbers(again.backward(TestArrays.of(TYPE, cotangent, result.shape()))))
                .isEqualTo(expected);
        assertThat(numbers(gradStates)).isEqualTo(expectedOfSource);
    }

    @Test
    void aFrozenSourceGetsNoGradient() {
        CrossAttention layer = new CrossAttention(LayerCase.wideAttention(TYPE, "cross"));
        Context context = Context.of(memory).withSource(new Source(states, mask(), null));
        LayerStep step = layer.forward(input, context, result);
        assertThat(numbers(step.backward(TestArrays.of(TYPE, cotangent, result.shape()))))
                .doesNotContain(Double.NaN);
        assertThat(numbers(gradStates)).containsOnly(Double.NaN);
    }

    @Test
    void tokenByTokenEqualsAllAtOnceUnderACausalMask() {
        ResidualBlock block = new ResidualBlock(List.of(
                new Residual(
                        LayerCase.rmsNorm(TYPE, "r1"),
                        new PositionedSelfAttention(LayerCase.wideAttention(TYPE, "self"))),
                new Residual(
                        LayerCase.rmsNorm(TYPE, "r2"), new CrossAttention(LayerCase.wideAttention(TYPE, "cross")))));
        INDArray positions = TestArrays.normal(TYPE, 5, 1, LayerCase.HEADS, TOKENS, TOKENS);
        block.infer(input, causal().withPositionBias(new PositionBias(positions, null)), result);
        double[] expected = numbers(result);

        Memory kept = new Memory(TYPE);
        BranchLayer.Stepwise steps = block.stepwise(kept.step(), source(), BATCH, TOKENS);
        for (int t = 0; t < TOKENS; t++) {
            memory.reset();
            INDArray bias = TestArrays.blank(TYPE, 1, LayerCase.HEADS, 1, t + 1);
            INDArray token = TestArrays.blank(TYPE, BATCH, 1, WIDTH);
            for (int h = 0; h < LayerCase.HEADS; h++) {
                for (int s = 0; s <= t; s++) {
                    bias.putScalar(new long[] {0, h, 0, s}, positions.getDouble(0, h, t, s));
                }
            }
            for (int b = 0; b < BATCH; b++) {
                for (int i = 0; i < WIDTH; i++) {
                    token.putScalar(new long[] {b, 0, i}, input.getDouble(b, t, i));
                }
            }
            INDArray next = TestArrays.blank(TYPE, BATCH, 1, WIDTH);
            steps.next(token, Context.of(memory).withPositionBias(new PositionBias(bias, null)), next);
            for (int b = 0; b < BATCH; b++) {
                int from = (b * TOKENS + t) * WIDTH;
                double[] row = Arrays.copyOfRange(numbers(next), b * WIDTH, (b + 1) * WIDTH);
                assertThat(difference(row, Arrays.copyOfRange(expected, from, from + WIDTH)))
                        .isLessThan(1e-13);
            }
        }
        kept.close();
    }

    @Test
    void complainsAboutWidthsAndAMissingSource() {
        CrossAttention layer = new CrossAttention(LayerCase.wideAttention(TYPE, "cross"));
        assertThatThrownBy(() -> layer.infer(input, Context.of(memory), result))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("context must have a source for cross-attention, but has none");
        INDArray narrow = TestArrays.normal(TYPE, 1, BATCH, SOURCE_TOKENS, 3);
        assertThatThrownBy(
                        () -> layer.infer(input, Context.of(memory).withSource(new Source(narrow, null, null)), result))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("keys of attention must have shape [2, *, 4], but has [2, 5, 3]");
    }

    private LayerStep forward(Layer layer) {
        memory.reset();
        return layer.forward(input, source(), result);
    }

    private double loss(Layer layer) {
        forward(layer);
        return CentralDifferences.weightedSum(result, cotangent);
    }

    private Context source() {
        return Context.of(memory).withSource(new Source(states, mask(), gradStates));
    }

    private Context causal() {
        double[] hidden = {0, -1e9, -1e9, 0, 0, -1e9, 0, 0, 0};
        return new Context(memory, null, TestArrays.of(TYPE, hidden, 1, 1, 3, 3), OptionalLong.empty())
                .withSource(new Source(states, mask(), null));
    }

    /** The last token of the second source is padding. */
    private static INDArray mask() {
        double[] mask = new double[BATCH * SOURCE_TOKENS];
        mask[mask.length - 1] = -1e9;
        return TestArrays.of(TYPE, mask, BATCH, 1, 1, SOURCE_TOKENS);
    }
}
