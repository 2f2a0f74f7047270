package io.github.sherl4j.layer;

import static io.github.sherl4j.TestArrays.numbers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sherl4j.CentralDifferences;
import io.github.sherl4j.NativeBytes;
import io.github.sherl4j.TestArrays;
import io.github.sherl4j.nd.Memory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class Conv2dTest {
    /**
     * One convolution.
     *
     * @param in channels of the input
     * @param rows of the kernel
     * @param columns of the kernel
     */
    record Setting(
            int batch,
            int height,
            int width,
            int in,
            int out,
            int rows,
            int columns,
            int stride,
            int padding,
            int groups) {
        long[] inputShape() {
            return new long[] {batch, height, width, in};
        }

        long[] outputShape() {
            return new long[] {
                batch, (height + 2 * padding - rows) / stride + 1, (width + 2 * padding - columns) / stride + 1, out
            };
        }

        Conv2d layer(DataType type, boolean bias) {
            INDArray weight = TestArrays.normal(type, 1, out, in / groups, rows, columns);
            return new Conv2d(
                    Parameter.weight("w", weight),
                    bias ? Parameter.unregularized("b", TestArrays.normal(type, 2, out)) : null,
                    stride,
                    padding,
                    groups);
        }

        /** The definition, number by number. */
        double[] slow(double[] x, double[] weight, double[] bias) {
            long[] shape = outputShape();
            double[] y = new double[(int) LayerCase.length(shape)];
            int inGroup = in / groups;
            int at = 0;
            for (int n = 0; n < batch; n++) {
                for (int i = 0; i < shape[1]; i++) {
                    for (int j = 0; j < shape[2]; j++) {
                        for (int o = 0; o < out; o++) {
                            double sum = bias.length == 0 ? 0 : bias[o];
                            int first = o / (out / groups) * inGroup;
                            for (int a = 0; a < rows; a++) {
                                for (int b = 0; b < columns; b++) {
                                    int row = stride * i + a - padding;
                                    int column = stride * j + b - padding;
                                    if (row < 0 || row >= height || column < 0 || column >= width) {
                                        continue;
                                    }
                                    int pixel = ((n * height + row) * width + column) * in + first;
                                    for (int c = 0; c < inGroup; c++) {
                                        sum += x[pixel + c] * weight[((o * inGroup + c) * rows + a) * columns + b];
                                    }
                                }
                            }
                            y[at++] = sum;
                        }
                    }
                }
            }
            return y;
        }
    }

    static Stream<Setting> settings() {
        return Stream.of(
                new Setting(2, 5, 6, 3, 4, 1, 1, 1, 0, 1),
                new Setting(2, 5, 6, 3, 4, 1, 1, 2, 0, 1),
                new Setting(2, 6, 5, 3, 4, 1, 1, 3, 0, 1),
                new Setting(1, 5, 4, 2, 3, 1, 1, 1, 1, 1),
                new Setting(2, 5, 6, 3, 4, 3, 3, 1, 1, 1),
                new Setting(2, 5, 6, 3, 4, 3, 3, 2, 1, 1),
                new Setting(2, 7, 8, 2, 3, 3, 3, 2, 0, 1),
                new Setting(1, 8, 7, 2, 3, 3, 3, 3, 1, 1),
                new Setting(2, 2, 3, 3, 4, 3, 3, 1, 1, 1),
                new Setting(1, 1, 1, 2, 3, 3, 3, 1, 1, 1),
                new Setting(2, 9, 11, 3, 4, 7, 7, 2, 3, 1),
                new Setting(2, 8, 8, 3, 5, 4, 4, 4, 0, 1),
                new Setting(1, 9, 10, 3, 5, 4, 4, 4, 0, 1),
                new Setting(2, 6, 7, 2, 3, 2, 3, 1, 0, 1),
                new Setting(1, 7, 6, 2, 3, 3, 1, 2, 1, 1),
                new Setting(2, 5, 6, 4, 6, 3, 3, 1, 1, 2),
                new Setting(2, 6, 5, 6, 3, 3, 3, 2, 1, 3),
                new Setting(1, 5, 5, 4, 4, 3, 3, 1, 1, 4),
                new Setting(1, 4, 5, 4, 8, 1, 1, 1, 0, 2));
    }

    /** So large that pictures, or groups of channels, go through in parts. */
    static Stream<Setting> large() {
        return Stream.of(
                new Setting(1, 5, 6, 96, 48, 3, 3, 1, 1, 6), // groups of 16 go together by twos
                new Setting(1, 6, 6, 80, 40, 3, 3, 2, 1, 2), // wide groups each alone
                new Setting(3, 33, 32, 48, 4, 3, 3, 1, 1, 1),
                new Setting(2, 64, 65, 128, 2, 3, 3, 2, 1, 1),
                new Setting(120, 4, 4, 64, 3, 3, 3, 1, 1, 1));
    }

    @ParameterizedTest
    @MethodSource({"settings", "large"})
    void isTheSumOfItsDefinition(Setting setting) {
        for (DataType type : new DataType[] {DataType.FLOAT, DataType.DOUBLE}) {
            for (boolean bias : new boolean[] {true, false}) {
                try (Memory memory = new Memory(type);
                        INDArray input = TestArrays.normal(type, 3, setting.inputShape())) {
                    Conv2d layer = setting.layer(type, bias);
                    double[] x = numbers(input);
                    List<Parameter> parameters = layer.parameters();
                    double[] expected = setting.slow(
                            x,
                            numbers(parameters.get(0).value()),
                            bias ? numbers(parameters.get(1).value()) : new double[0]);
                    assertThat(layer.outputShape(setting.inputShape())).isEqualTo(setting.outputShape());
                    INDArray result = TestArrays.blank(type, setting.outputShape());
                    for (int round = 0; round < 2; round++) {
                        memory.reset();
                        TestArrays.fill(result, Double.NaN);
                        layer.infer(input, Context.of(memory), result);
                        double rounding = type == DataType.DOUBLE ? 1e-14 : 5e-6;
                        assertThat(TestArrays.difference(numbers(result), expected))
                                .isLessThan(rounding
                                        * Arrays.stream(expected)
                                                .map(Math::abs)
                                                .max()
                                                .orElseThrow());
                    }
                    assertThat(numbers(input)).isEqualTo(x);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("settings")
    void gradientsAreThoseOfCentralDifferences(Setting setting) {
        DataType type = DataType.DOUBLE;
        Conv2d layer = setting.layer(type, true);
        try (Memory memory = new Memory(type);
                ParameterGroups groups = new ParameterGroups(layer.parameters());
                INDArray input = TestArrays.normal(type, 3, setting.inputShape());
                INDArray result = TestArrays.blank(type, setting.outputShape())) {
            double[] cotangent = TestArrays.normal((int) result.length(), 4);
            DoubleSupplier loss = () -> {
                memory.reset();
                layer.infer(input, Context.of(memory), result);
                return CentralDifferences.weightedSum(result, cotangent);
            };
            INDArray gradOutput = TestArrays.of(type, cotangent, setting.outputShape());
            LayerStep step = layer.forward(input, Context.of(memory), result);
            INDArray gradInput = step.backward(gradOutput).dup();

            assertThat(numbers(gradOutput)).isEqualTo(cotangent);
            assertThat(step.keptBytes()).isEqualTo(input.length() * Double.BYTES);
            CentralDifferences.check("input", input, gradInput, loss);
            for (Parameter parameter : groups.parameters()) {
                CentralDifferences.check(parameter.name(), parameter.value(), parameter.gradient(), loss);
            }
        }
    }

    /** The gradients of {@code sum(g * W x)} are linear maps, and each is the adjoint of the forward pass. */
    @ParameterizedTest
    @MethodSource({"settings", "large"})
    void gradientsAreAdjointInBothTypesAndAddUp(Setting setting) {
        for (DataType type : new DataType[] {DataType.FLOAT, DataType.DOUBLE}) {
            Conv2d layer = setting.layer(type, false);
            try (Memory memory = new Memory(type);
                    ParameterGroups groups = new ParameterGroups(layer.parameters());
                    INDArray input = TestArrays.normal(type, 3, setting.inputShape());
                    INDArray result = TestArrays.blank(type, setting.outputShape())) {
                double[] cotangent = TestArrays.normal((int) result.length(), 4);
                INDArray gradOutput = TestArrays.of(type, cotangent, setting.outputShape());
                Parameter weight = groups.parameters().get(0);
                for (int round = 1; round <= 2; round++) {
                    memory.reset();
                    INDArray gradInput =
                            layer.forward(input, Context.of(memory), result).backward(gradOutput);
                    double value = CentralDifferences.weightedSum(result, cotangent);
                    double scale = norm(numbers(result)) * norm(cotangent) * (type == DataType.DOUBLE ? 1e-14 : 1e-6);
                    assertThat(CentralDifferences.weightedSum(input, numbers(gradInput)) - value)
                            .isBetween(-scale, scale);
                    assertThat(CentralDifferences.weightedSum(weight.value(), numbers(weight.gradient()))
                                    - round * value)
                            .isBetween(-round * scale, round * scale);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("settings")
    void frozenItKeepsNothingAndAWarmStepMakesNoNativeObject(Setting setting) {
        Conv2d layer = setting.layer(DataType.FLOAT, true);
        try (Memory memory = new Memory(DataType.FLOAT);
                INDArray input = TestArrays.normal(DataType.FLOAT, 3, setting.inputShape());
                INDArray result = TestArrays.blank(DataType.FLOAT, setting.outputShape());
                INDArray gradient = TestArrays.normal(DataType.FLOAT, 4, setting.outputShape())) {
            Context context = Context.of(memory);
            List<Long> created = new ArrayList<>();
            for (int round = 0; round < 4; round++) {
                created.add(NativeBytes.created(() -> {
                    memory.reset();
                    LayerStep step = layer.forward(input, context, result);
                    assertThat(step.keptBytes()).isZero();
                    step.backward(gradient);
                }));
            }
            assertThat(created.get(3)).isZero();
            assertThat(memory.step().bytes()).isZero();
        }
    }

    @Test
    void refusesOtherShapes() {
        DataType type = DataType.FLOAT;
        Conv2d layer = new Setting(1, 5, 5, 4, 6, 3, 3, 1, 0, 2).layer(type, false);
        assertRefused("input of w must have 4 channels, but has 3", () -> layer.outputShape(1, 5, 5, 3));
        assertRefused(
                "input must be [batch, height, width, channels], but has shape [5, 5, 4]",
                () -> layer.outputShape(5, 5, 4));
        assertRefused(
                "input must have at least 3 x 3 pixels for this convolution, but has shape [1, 5, 2, 4]",
                () -> layer.outputShape(1, 5, 2, 4));
        Parameter weight = Parameter.weight("w", TestArrays.normal(type, 1, 6, 2, 3, 3));
        assertRefused(
                "groups must divide the 6 channels that w makes, but is 4", () -> new Conv2d(weight, null, 1, 0, 4));
        assertRefused(
                "groups must divide the 6 channels that w makes, but is 0", () -> new Conv2d(weight, null, 1, 0, 0));
        assertRefused("stride must be positive, but is 0", () -> new Conv2d(weight, null, 0, 0, 1));
        assertRefused("padding must be 0 or more, but is -1", () -> new Conv2d(weight, null, 1, -1, 1));
        assertRefused(
                "b must have shape [6], but has [5]",
                () -> new Conv2d(weight, Parameter.unregularized("b", TestArrays.normal(type, 1, 5)), 1, 0, 1));
        assertRefused(
                "m must have shape [*, *, *, *], but has [6, 2]",
                () -> new Conv2d(Parameter.weight("m", TestArrays.normal(type, 1, 6, 2)), null, 1, 0, 1));
        try (Memory memory = new Memory(type)) {
            INDArray input = TestArrays.normal(type, 1, 1, 5, 5, 4);
            INDArray result = TestArrays.blank(type, 1, 3, 3, 5);
            assertRefused(
                    "result of w must have shape [1, 3, 3, 6], but has [1, 3, 3, 5]",
                    () -> layer.infer(input, Context.of(memory), result));
        }
    }

    private static void assertRefused(String message, Runnable call) {
        assertThatThrownBy(call::run)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    private static double norm(double[] numbers) {
        double sum = 0;
        for (double number : numbers) {
            sum += number * number;
        }
        return Math.sqrt(sum);
    }
}
