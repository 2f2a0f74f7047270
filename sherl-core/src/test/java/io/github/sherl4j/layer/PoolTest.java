package io.github.sherl4j.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sherl4j.CentralDifferences;
import io.github.sherl4j.TestArrays;
import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.Memory;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class PoolTest {
    /** Kernel (0 for the global mean), stride, padding, and a shape of the input. */
    static Stream<Object[]> windows() {
        return Stream.of(
                new Object[] {3, 2, 1, new long[] {2, 8, 8, 4}}, // the stem of a ResNet
                new Object[] {3, 2, 1, new long[] {1, 7, 5, 3}},
                new Object[] {2, 2, 0, new long[] {2, 4, 6, 3}},
                new Object[] {2, 2, 0, new long[] {2, 5, 5, 1}}, // the last row and column are left out
                new Object[] {4, 4, 0, new long[] {1, 8, 8, 16}},
                new Object[] {1, 1, 0, new long[] {2, 2, 3, 4}},
                new Object[] {3, 1, 0, new long[] {1, 4, 4, 2}},
                new Object[] {2, 1, 1, new long[] {1, 1, 1, 2}},
                new Object[] {0, 1, 0, new long[] {2, 3, 5, 4}});
    }

    private static Stream<Layer> layers(int kernel, int stride, int padding) {
        return kernel == 0
                ? Stream.of(AveragePool.global())
                : Stream.of(new MaxPool(kernel, stride, padding), new AveragePool(kernel, stride, padding));
    }

    @ParameterizedTest(name = "{0} stride {1} padding {2}")
    @MethodSource("windows")
    void equalsASlowTranscriptionForwardAndBackwardInEveryRound(int kernel, int stride, int padding, long[] shape) {
        for (DataType type : new DataType[] {DataType.FLOAT, DataType.DOUBLE}) {
            layers(kernel, stride, padding).forEach(layer -> {
                INDArray input = TestArrays.normal(type, 1, shape);
                INDArray result = TestArrays.blank(type, layer.outputShape(shape));
                double[] before = TestArrays.numbers(input);
                double[] cotangent = TestArrays.numbers(TestArrays.normal(type, 2, result.shape()));
                double rounding = type == DataType.DOUBLE ? 1e-14 : 1e-6;
                double[] slowGradient = new double[before.length];
                double[] slow = slow(layer, kernel, stride, padding, before, shape, cotangent, slowGradient);
                try (Memory memory = new Memory(type)) {
                    for (int round = 0; round < 3; round++) {
                        memory.reset();
                        TestArrays.fill(result, Double.NaN);
                        layer.infer(input, Context.of(memory), result);
                        double[] inferred = TestArrays.numbers(result);
                        LayerStep step = layer.forward(input, Context.of(memory), result);
                        assertThat(TestArrays.numbers(result)).isEqualTo(inferred);
                        assertThat(TestArrays.difference(inferred, slow)).isLessThan(rounding);

                        INDArray gradOutput = TestArrays.of(type, cotangent, result.shape());
                        try (Arena.Scope scope = memory.scratch().scope()) { // where the gradient will lie
                            TestArrays.fill(memory.scratch().array(shape), Double.NaN);
                        }
                        INDArray gradient = step.backward(gradOutput);
                        assertThat(gradient.shape()).isEqualTo(shape);
                        assertThat(TestArrays.difference(TestArrays.numbers(gradient), slowGradient))
                                .isLessThan(rounding);
                        assertThat(TestArrays.numbers(gradOutput)).isEqualTo(cotangent);
                        assertThat(TestArrays.numbers(input)).isEqualTo(before);
                        assertThat(step.keptBytes())
                                .isEqualTo(layer instanceof MaxPool ? input.length() * type.width() : 0);
                    }
                    assertThat(memory.step().bytes()).isZero();
                }
            });
        }
    }

    @ParameterizedTest(name = "{0} stride {1} padding {2}")
    @MethodSource("windows")
    void gradientsAreThoseOfCentralDifferences(int kernel, int stride, int padding, long[] shape) {
        layers(kernel, stride, padding).forEach(layer -> {
            INDArray input = TestArrays.normal(DataType.DOUBLE, 3, shape);
            INDArray result = TestArrays.blank(DataType.DOUBLE, layer.outputShape(shape));
            double[] cotangent = TestArrays.normal((int) result.length(), 4);
            try (Memory memory = new Memory(DataType.DOUBLE)) {
                LayerStep step = layer.forward(input, Context.of(memory), result);
                INDArray gradient = step.backward(TestArrays.of(DataType.DOUBLE, cotangent, result.shape()));
                CentralDifferences.check("input", input, gradient, () -> {
                    memory.reset();
                    layer.infer(input, Context.of(memory), result);
                    return CentralDifferences.weightedSum(result, cotangent);
                });
            }
        });
    }

    @Test
    void ofEqualNumbersTheFirstGetsTheGradient() {
        for (DataType type : new DataType[] {DataType.FLOAT, DataType.DOUBLE}) {
            MaxPool layer = new MaxPool(2, 2, 0);
            INDArray input = TestArrays.of(type, new double[] {0, 7, 7, 0}, 1, 2, 2, 1);
            INDArray result = TestArrays.blank(type, 1, 1, 1, 1);
            try (Memory memory = new Memory(type)) {
                LayerStep step = layer.forward(input, Context.of(memory), result);
                INDArray gradient = step.backward(TestArrays.of(type, new double[] {3}, 1, 1, 1, 1));
                assertThat(TestArrays.numbers(gradient)).containsExactly(0, 3, 0, 0);
            }
        }
    }

    @Test
    void paddingNeverWinsAndCountsAsZerosInMeans() {
        INDArray input = TestArrays.of(DataType.FLOAT, new double[] {-4, -8, -12, -16}, 1, 2, 2, 1);
        INDArray result = TestArrays.blank(DataType.FLOAT, 1, 1, 1, 1);
        try (Memory memory = new Memory(DataType.FLOAT)) {
            new MaxPool(3, 2, 1).infer(input, Context.of(memory), result);
            assertThat(TestArrays.numbers(result)).containsExactly(-4);
            new AveragePool(4, 4, 1).infer(input, Context.of(memory), result);
            assertThat(TestArrays.numbers(result)).containsExactly(-2.5);
        }
    }

    /** Caffe's windows: worked by hand, then against a picture that is whole. */
    @Test
    void windowsMayLeaveThePictureIfAsked() {
        MaxPool layer = MaxPool.ceil(3, 2);
        assertThat(layer.outputShape(1, 4, 5, 1)).containsExactly(1, 2, 2, 1);
        assertThat(layer.outputShape(1, 64, 3, 1)).containsExactly(1, 32, 1, 1);
        for (DataType type : new DataType[] {DataType.FLOAT, DataType.DOUBLE}) {
            double[] pixels = {-1, -2, -3, -4, -5, -6, -7, -8, -9, -10, -11, -12, -13, -14, -15, -16};
            INDArray input = TestArrays.of(type, pixels, 1, 4, 4, 1);
            INDArray result = TestArrays.blank(type, 1, 2, 2, 1);
            try (Memory memory = new Memory(type)) {
                for (int round = 0; round < 2; round++) {
                    memory.reset();
                    LayerStep step = layer.forward(input, Context.of(memory), result);
                    assertThat(TestArrays.numbers(result)).containsExactly(-1, -3, -9, -11);
                    INDArray gradient = step.backward(TestArrays.of(type, new double[] {1, 2, 3, 4}, 1, 2, 2, 1));
                    assertThat(TestArrays.numbers(gradient))
                            .containsExactly(1, 0, 2, 0, 0, 0, 0, 0, 3, 0, 4, 0, 0, 0, 0, 0);
                }
            }
        }
        assertRefused("stride must be at most the kernel of 2, but is 3", () -> MaxPool.ceil(2, 3));
    }

    @Test
    void refusesWindowsAndShapesThatDoNotFit() {
        assertRefused("kernel must be positive, but is 0", () -> new MaxPool(0, 1, 0));
        assertRefused("stride must be positive, but is 0", () -> new AveragePool(1, 0, 0));
        assertRefused("padding must be from 0 to half the kernel of 3, but is 2", () -> new MaxPool(3, 1, 2));
        MaxPool layer = new MaxPool(3, 2, 0);
        assertRefused(
                "input must be [batch, height, width, channels], but has shape [2, 3, 4]",
                () -> layer.outputShape(2, 3, 4));
        assertRefused("input must have at least 3 pixels each way, but has 2", () -> layer.outputShape(1, 4, 2, 1));
        try (Memory memory = new Memory(DataType.FLOAT)) {
            INDArray input = TestArrays.normal(DataType.FLOAT, 1, 1, 5, 5, 2);
            INDArray result = TestArrays.blank(DataType.FLOAT, 1, 2, 3, 2);
            assertRefused(
                    "result must have shape [1, 2, 2, 2], but has [1, 2, 3, 2]",
                    () -> layer.infer(input, Context.of(memory), result));
        }
    }

    private static void assertRefused(String message, Runnable work) {
        assertThatThrownBy(work::run)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    /** The result, and the gradient of the input added to {@code gradient}. */
    private static double[] slow(
            Layer layer,
            int kernel,
            int stride,
            int padding,
            double[] input,
            long[] shape,
            double[] cotangent,
            double[] gradient) {
        int height = (int) shape[1];
        int width = (int) shape[2];
        int channels = (int) shape[3];
        int down = kernel == 0 ? height : kernel;
        int across = kernel == 0 ? width : kernel;
        double[] result = new double[cotangent.length];
        int at = 0;
        for (int image = 0; image < shape[0]; image++) {
            for (int top = -padding; top + down <= height + padding; top += stride) {
                for (int left = -padding; left + across <= width + padding; left += stride) {
                    for (int channel = 0; channel < channels; channel++) {
                        int best = -1;
                        double sum = 0;
                        for (int y = Math.max(top, 0); y < Math.min(top + down, height); y++) {
                            for (int x = Math.max(left, 0); x < Math.min(left + across, width); x++) {
                                int place = ((image * height + y) * width + x) * channels + channel;
                                best = best < 0 || input[place] > input[best] ? place : best;
                                sum += input[place];
                                if (layer instanceof AveragePool) {
                                    gradient[place] += cotangent[at] / (down * across);
                                }
                            }
                        }
                        boolean max = layer instanceof MaxPool;
                        if (max) {
                            gradient[best] += cotangent[at];
                        }
                        result[at++] = max ? input[best] : sum / (down * across);
                    }
                }
            }
        }
        assertThat(at).isEqualTo(cotangent.length);
        return result;
    }
}
