package io.github.sherl4j.layer;

import static io.github.sherl4j.TestArrays.numbers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.sherl4j.CentralDifferences;
import io.github.sherl4j.TestArrays;
import io.github.sherl4j.nd.Memory;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.DoubleSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class GruTest {
    private static final int IN = 3;
    private static final int HIDDEN = 5;
    private static final int TOKENS = 4;
    private static final int[] LENGTHS = {4, 1, 3};

    @Test
    void equalsPyTorchsEquationsToTheLastTokenOfEach() {
        for (DataType type : new DataType[] {DataType.DOUBLE, DataType.FLOAT}) {
            try (Memory memory = new Memory(type)) {
                Gru gru = LayerCase.gru(type, IN, HIDDEN);
                INDArray input = TestArrays.normal(type, 1, LENGTHS.length, TOKENS, IN);
                INDArray result = TestArrays.blank(type, gru.outputShape(input.shape()));
                gru.infer(input, new Context(memory, mask(type), null, OptionalLong.empty()), result);

                double[] expected = slow(gru.parameters(), numbers(input));
                double tolerance = type == DataType.DOUBLE ? 1e-14 : 1e-6;
                assertThat(TestArrays.difference(numbers(result), expected)).isLessThan(tolerance);
                assertThat(expected).contains(0.0); // behind the shorter ones
            }
        }
    }

    private static double[] slow(List<Parameter> parameters, double[] input) {
        List<double[]> p =
                parameters.stream().map(parameter -> numbers(parameter.value())).toList();
        double[] result = new double[LENGTHS.length * TOKENS * 2 * HIDDEN];
        for (int n = 0; n < LENGTHS.length; n++) {
            for (int direction = 0; direction < 2; direction++) {
                double[] h = new double[HIDDEN];
                for (int i = 0; i < LENGTHS[n]; i++) {
                    int t = direction == 0 ? i : LENGTHS[n] - 1 - i;
                    h = slowStep(p.subList(4 * direction, 4 * direction + 4), input, (n * TOKENS + t) * IN, h);
                    System.arraycopy(h, 0, result, ((n * TOKENS + t) * 2 + direction) * HIDDEN, HIDDEN);
                }
            }
        }
        return result;
    }

    private static double[] slowStep(List<double[]> p, double[] input, int start, double[] h) {
        double[] next = new double[HIDDEN];
        for (int j = 0; j < HIDDEN; j++) {
            double[] fromInput = new double[3];
            double[] fromState = new double[3];
            for (int gate = 0; gate < 3; gate++) {
                int row = gate * HIDDEN + j;
                fromInput[gate] = p.get(2)[row];
                fromState[gate] = p.get(3)[row];
                for (int i = 0; i < IN; i++) {
                    fromInput[gate] += p.get(0)[row * IN + i] * input[start + i];
                }
                for (int i = 0; i < HIDDEN; i++) {
                    fromState[gate] += p.get(1)[row * HIDDEN + i] * h[i];
                }
            }
            double reset = 1 / (1 + Math.exp(-fromInput[0] - fromState[0]));
            double update = 1 / (1 + Math.exp(-fromInput[1] - fromState[1]));
            double fresh = Math.tanh(fromInput[2] + reset * fromState[2]);
            next[j] = (1 - update) * fresh + update * h[j];
        }
        return next;
    }

    @Test
    void gradientsWithPaddingAreThoseOfCentralDifferences() {
        try (Memory memory = new Memory(DataType.DOUBLE)) {
            Gru gru = LayerCase.gru(DataType.DOUBLE, IN, HIDDEN);
            ParameterGroups groups = new ParameterGroups(gru.parameters());
            INDArray input = TestArrays.normal(DataType.DOUBLE, 1, LENGTHS.length, TOKENS, IN);
            INDArray result = TestArrays.blank(DataType.DOUBLE, gru.outputShape(input.shape()));
            double[] cotangent = TestArrays.normal((int) result.length(), 2);
            Context context = new Context(memory, mask(DataType.DOUBLE), null, OptionalLong.empty());
            DoubleSupplier loss = () -> {
                memory.reset();
                gru.infer(input, context, result);
                return CentralDifferences.weightedSum(result, cotangent);
            };

            LayerStep step = gru.forward(input, context, result);
            INDArray gradInput = step.backward(TestArrays.of(DataType.DOUBLE, cotangent, result.shape()))
                    .dup('c');

            CentralDifferences.check("input", input, gradInput, loss);
            for (Parameter parameter : gru.parameters()) {
                CentralDifferences.check(parameter.name(), parameter.value(), parameter.gradient(), loss);
            }
            assertThat(numbers(gradInput)[TOKENS * IN + IN]).isZero(); // the second sequence has one token
            groups.close();
        }
    }

    @Test
    void paddingChangesNothing() {
        try (Memory memory = new Memory(DataType.DOUBLE)) {
            Gru gru = LayerCase.gru(DataType.DOUBLE, IN, HIDDEN);
            INDArray one = TestArrays.normal(DataType.DOUBLE, 7, 1, 2, IN);
            INDArray padded = TestArrays.normal(DataType.DOUBLE, 8, 1, 4, IN);
            for (int i = 0; i < one.length(); i++) {
                TestArrays.set(padded, i, numbers(one)[i]);
            }
            INDArray mask = TestArrays.of(DataType.DOUBLE, new double[] {1, 1, 0, 0}, 1, 4);
            INDArray alone = TestArrays.blank(DataType.DOUBLE, 1, 2, 2 * HIDDEN);
            INDArray together = TestArrays.blank(DataType.DOUBLE, 1, 4, 2 * HIDDEN);

            gru.infer(one, Context.of(memory), alone);
            gru.infer(padded, new Context(memory, mask, null, OptionalLong.empty()), together);

            double[] expected = Stream.of(numbers(alone), new double[4 * HIDDEN])
                    .flatMapToDouble(Arrays::stream)
                    .toArray();
            assertThat(numbers(together)).containsExactly(expected, within(1e-15));
        }
    }

    @Test
    void refusesWhatDoesNotFit() {
        List<Parameter> good =
                LayerCase.gru(DataType.FLOAT, IN, HIDDEN).parameters().subList(0, 4);
        List<Parameter> other =
                LayerCase.gru(DataType.FLOAT, IN + 1, HIDDEN).parameters().subList(0, 4);
        assertThatThrownBy(() -> new Gru(good, good.subList(0, 3)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("backward must be 4 parameters, of input, of state and their biases, but are 3");
        assertThatThrownBy(() -> new Gru(good, other))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("forward.input must have shape [15, 3], but has [15, 4]");
        try (Memory memory = new Memory(DataType.FLOAT)) {
            Gru gru = new Gru(good, good);
            INDArray input = TestArrays.blank(DataType.FLOAT, 1, 2, IN + 1);
            assertThatThrownBy(() -> gru.infer(input, Context.of(memory), input))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("input of forward.input must have shape [*, *, 3], but has [1, 2, 4]");
        }
    }

    private static INDArray mask(DataType type) {
        INDArray mask = TestArrays.blank(type, LENGTHS.length, TOKENS);
        for (int i = 0; i < mask.length(); i++) {
            TestArrays.set(mask, i, i % TOKENS < LENGTHS[i / TOKENS] ? 1 : 0);
        }
        return mask;
    }
}
