package io.github.sherl4j.nd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.sherl4j.CentralDifferences;
import io.github.sherl4j.TestArrays;
import io.github.sherl4j.nd.ChannelsFirst.Geometry;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Every way that a convolution may be computed, against the definition; its gradient as the adjoint. */
class ChannelsFirstTest {
    private static final int BATCH = 2;
    private static final int IN = 3;

    static Stream<Arguments> cases() {
        Geometry window = new Geometry(3, 3, 1, 1, 1, 1, 1, 1, false);
        Geometry padded = new Geometry(3, 2, 1, 1, 2, 1, 1, 1, false);
        Geometry same = new Geometry(3, 3, 1, 1, 0, 0, 1, 1, true);
        Geometry lopsided = new Geometry(2, 2, 1, 1, 0, 0, 1, 1, true);
        Geometry strided = new Geometry(3, 3, 2, 2, 1, 1, 1, 1, false);
        Geometry sameStrided = new Geometry(3, 3, 2, 2, 0, 0, 1, 1, true);
        Geometry dilated = new Geometry(2, 2, 1, 1, 1, 1, 2, 2, false);
        Geometry cell = new Geometry(1, 1, 1, 1, 0, 0, 1, 1, false);
        Geometry stridedCell = new Geometry(1, 1, 2, 2, 0, 0, 1, 1, false);
        return Stream.of(window, padded, same, lopsided, strided, sameStrided, dilated, cell, stridedCell)
                .flatMap(geometry -> Stream.of(
                        Arguments.of(geometry, 6, 5, 4), // many cells, few channels
                        Arguments.of(geometry, 3, 2, 120))); // few cells, many channels
    }

    @ParameterizedTest
    @MethodSource("cases")
    void asDefined(Geometry geometry, int height, int width, int out) {
        INDArray x = TestArrays.normal(DataType.DOUBLE, 1, BATCH, IN, height, width);
        INDArray weight =
                TestArrays.normal(DataType.DOUBLE, 2, out, IN, geometry.kernelHeight(), geometry.kernelWidth());
        INDArray bias = TestArrays.normal(DataType.DOUBLE, 3, 1, out);
        long[] size = geometry.outputSize(height, width);
        INDArray result = TestArrays.blank(DataType.DOUBLE, BATCH, out, size[0], size[1]);
        INDArray gradOutput = TestArrays.normal(DataType.DOUBLE, 4, result.shape());
        INDArray gradInput = TestArrays.blank(DataType.DOUBLE, x.shape());
        try (Memory memory = new Memory(DataType.DOUBLE)) {
            ChannelsFirst.convolution(memory, x, weight, bias, geometry, result);
            assertThat(TestArrays.difference(TestArrays.numbers(result), slow(geometry, x, weight, bias, size)))
                    .isLessThan(1e-12);
            ChannelsFirst.convolution(memory, x, weight, null, geometry, result);
            ChannelsFirst.convolutionInputGradient(
                    memory, weight, weight.permute(1, 0, 2, 3), gradOutput, geometry, gradInput);
        }
        double forward = CentralDifferences.weightedSum(result, TestArrays.numbers(gradOutput));
        assertThat(CentralDifferences.weightedSum(gradInput, TestArrays.numbers(x)))
                .isCloseTo(forward, within(1e-11 * Math.abs(forward) + 1e-11));
    }

    private static double[] slow(Geometry g, INDArray x, INDArray weight, INDArray bias, long[] size) {
        int out = (int) weight.size(0);
        double[] result = new double[(int) (size[0] * size[1] * out * BATCH)];
        int top = before(
                g.same(), x.size(2), size[0], g.kernelHeight(), g.strideHeight(), g.padHeight(), g.dilationHeight());
        int left =
                before(g.same(), x.size(3), size[1], g.kernelWidth(), g.strideWidth(), g.padWidth(), g.dilationWidth());
        int index = 0;
        for (int n = 0; n < BATCH; n++) {
            for (int o = 0; o < out; o++) {
                for (int y = 0; y < size[0]; y++) {
                    for (int z = 0; z < size[1]; z++) {
                        double sum = bias.getDouble(0, o);
                        for (int i = 0; i < IN; i++) {
                            for (int ky = 0; ky < g.kernelHeight(); ky++) {
                                for (int kx = 0; kx < g.kernelWidth(); kx++) {
                                    int row = y * g.strideHeight() + ky * g.dilationHeight() - top;
                                    int column = z * g.strideWidth() + kx * g.dilationWidth() - left;
                                    if (row >= 0 && row < x.size(2) && column >= 0 && column < x.size(3)) {
                                        sum += weight.getDouble(o, i, ky, kx) * x.getDouble(n, i, row, column);
                                    }
                                }
                            }
                        }
                        result[index++] = sum;
                    }
                }
            }
        }
        return result;
    }

    private static int before(boolean same, long in, long out, int kernel, int stride, int pad, int dilation) {
        return same ? (int) Math.max(0, (out - 1) * stride + (kernel - 1L) * dilation + 1 - in) / 2 : pad;
    }

    @Test
    void normalizesEachChannel() {
        INDArray x = TestArrays.normal(DataType.DOUBLE, 1, 2, 3, 2, 2);
        INDArray mean = TestArrays.of(DataType.DOUBLE, new double[] {1, 2, 3}, 3);
        INDArray variance = TestArrays.of(DataType.DOUBLE, new double[] {4, 1, 0.25}, 3);
        INDArray scale = TestArrays.of(DataType.DOUBLE, new double[] {1, -1, 2}, 3);
        INDArray shift = TestArrays.of(DataType.DOUBLE, new double[] {0, 5, 1}, 3);
        INDArray result = TestArrays.blank(DataType.DOUBLE, x.shape());
        try (Memory memory = new Memory(DataType.DOUBLE)) {
            ChannelsFirst.normalize(memory, x, mean, variance, scale, shift, 0, result);
        }
        assertThat(result.getDouble(1, 2, 0, 1)).isCloseTo((x.getDouble(1, 2, 0, 1) - 3) / 0.5 * 2 + 1, within(1e-12));
    }

    @Test
    void aWindowLargerThanTheGridIsRefused() {
        assertThatThrownBy(() -> new Geometry(5, 5, 1, 1, 1, 1, 1, 1, false).outputSize(2, 9))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("A convolution's window of 5 does not fit into a grid of 2 padded by 1");
    }
}
