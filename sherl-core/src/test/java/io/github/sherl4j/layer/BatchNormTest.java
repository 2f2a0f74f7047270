package io.github.sherl4j.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.sherl4j.NativeBytes;
import io.github.sherl4j.TestArrays;
import io.github.sherl4j.nd.Memory;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class BatchNormTest {
    private final Memory memory = new Memory(DataType.DOUBLE);
    private final Context context = Context.of(memory);

    @AfterEach
    void free() {
        memory.close();
    }

    @Test
    void standardizesByTheBatchAndMovesTheRunningStatistics() {
        BatchNorm norm = norm(2.25, new double[] {2, 10}, new double[] {1, -1});
        norm.statistics(BatchNorm.Statistics.BATCH);
        // channel 0: mean 2, variance 4, with eps the square of 2.5; channel 1: mean 7, variance 0
        INDArray input = array(new double[] {0, 7, 4, 7}, 2, 2);
        INDArray result = TestArrays.blank(DataType.DOUBLE, 2, 2);

        norm.forward(input, context, result);

        assertThat(TestArrays.numbers(result)).containsExactly(new double[] {-0.6, -1, 2.6, -1}, within(1e-14));
        // means 0.9 * 5 + 0.1 * mean; variances 0.9 * 4 + 0.1 * unbiased, which are 8 and 0
        assertThat(buffer(norm, 0)).containsExactly(new double[] {4.7, 5.2}, within(1e-14));
        assertThat(buffer(norm, 1)).containsExactly(new double[] {4.4, 3.6}, within(1e-14));
    }

    @Test
    void infersByTheRunningStatistics() {
        BatchNorm norm = norm(2.25, new double[] {2, 10}, new double[] {1, -1});
        norm.statistics(BatchNorm.Statistics.BATCH);
        INDArray input = array(new double[] {5, 7.5, 0, 5}, 2, 2);
        INDArray result = TestArrays.blank(DataType.DOUBLE, 2, 2);

        norm.infer(input, context, result);

        // running means 5, variances 4, with eps the square of 2.5
        assertThat(TestArrays.numbers(result)).containsExactly(new double[] {1, 9, -3, -1}, within(1e-14));
        norm.infer(input, context, input);
        assertThat(TestArrays.numbers(input)).isEqualTo(TestArrays.numbers(result));
    }

    @Test
    void frozenItsStatisticsStayAsTheyAreToTheLastBit() {
        BatchNorm norm = LayerCase.batchNorm(DataType.DOUBLE, true, BatchNorm.Statistics.RUNNING);
        double[] mean = buffer(norm, 0);
        double[] variance = buffer(norm, 1);
        INDArray input = TestArrays.normal(DataType.DOUBLE, 1, 5, 4);
        INDArray result = TestArrays.blank(DataType.DOUBLE, 5, 4);
        for (int round = 0; round < 3; round++) {
            norm.infer(input, context, result);
            norm.forward(input, context, result).backward(result);
            memory.reset();
        }
        assertThat(buffer(norm, 0)).isEqualTo(mean);
        assertThat(buffer(norm, 1)).isEqualTo(variance);
    }

    @Test
    void eachForwardPassMovesTheRunningStatisticsInferenceDoesNot() {
        BatchNorm norm = LayerCase.batchNorm(DataType.DOUBLE, false, BatchNorm.Statistics.BATCH);
        INDArray first = TestArrays.normal(DataType.DOUBLE, 1, 6, 4);
        INDArray second = TestArrays.normal(DataType.DOUBLE, 2, 3, 4);
        INDArray result = TestArrays.blank(DataType.DOUBLE, 6, 4);
        double[] expected = moved(moved(buffer(norm, 0), means(first)), means(second));

        norm.forward(first, context, result);
        norm.infer(first, context, result);
        norm.forward(second, context, TestArrays.blank(DataType.DOUBLE, 3, 4));

        assertThat(buffer(norm, 0)).containsExactly(expected, within(1e-14));
    }

    @Test
    void aConstantChannelHasFiniteGradients() {
        BatchNorm norm = LayerCase.batchNorm(DataType.DOUBLE, true, BatchNorm.Statistics.BATCH);
        INDArray input = TestArrays.normal(DataType.DOUBLE, 1, 3, 4);
        for (int row = 0; row < 3; row++) {
            input.putScalar(row, 2, 7);
        }
        INDArray result = TestArrays.blank(DataType.DOUBLE, 3, 4);
        INDArray gradient = TestArrays.normal(DataType.DOUBLE, 2, 3, 4);
        double shift = norm.parameters().get(1).value().getDouble(2);

        norm.forward(input, context, result).backward(gradient);

        assertThat(result.getDouble(0, 2)).isEqualTo(shift);
        for (double number : TestArrays.numbers(gradient)) {
            assertThat(number).isFinite();
        }
    }

    @Test
    void aWarmStepMakesNothingNative() {
        BatchNorm norm = LayerCase.batchNorm(DataType.DOUBLE, true, BatchNorm.Statistics.BATCH);
        INDArray input = TestArrays.normal(DataType.DOUBLE, 1, 5, 4);
        INDArray result = TestArrays.blank(DataType.DOUBLE, 5, 4);
        try (ParameterGroups groups = new ParameterGroups(norm.parameters())) {
            Runnable step = () -> {
                memory.reset();
                norm.forward(input, context, result).backward(result);
                norm.infer(input, context, result);
            };
            step.run();
            step.run();
            assertThat(groups.count()).isEqualTo(8);
            assertThat(NativeBytes.created(step)).isZero();
        }
    }

    @Test
    void refusesOtherShapesOneRowAndHalfAnAffineMap() {
        BatchNorm norm = norm(1e-5, new double[] {1, 1}, new double[] {0, 0});
        norm.statistics(BatchNorm.Statistics.BATCH);
        INDArray wide = TestArrays.blank(DataType.DOUBLE, 2, 3);
        INDArray single = TestArrays.normal(DataType.DOUBLE, 1, 1, 2);

        assertThatThrownBy(() -> norm.infer(wide, context, wide))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("input of mean must be [..., 2], but has shape [2, 3]");
        assertThatThrownBy(() -> norm.forward(wide, context, wide))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("input of mean must be [..., 2], but has shape [2, 3]");
        assertThatThrownBy(() -> norm.forward(single, context, single))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("input of mean must have more than one row for batch statistics, but has shape [1, 2]");
        assertThat(buffer(norm, 0)).containsExactly(5, 5);
        Parameter mean = norm.buffers().get(0);
        Parameter variance = norm.buffers().get(1);
        Parameter scale = norm.parameters().get(0);
        assertThatThrownBy(() -> new BatchNorm(scale, null, mean, variance, 1e-5))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("scale and shift of the norm of mean must both be there, or neither");
        assertThatThrownBy(() -> new BatchNorm(null, null, mean, variance, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("eps must be positive, but is 0.0");
        assertThatThrownBy(() -> new BatchNorm(null, null, mean, parameter("v", 1, 2, 3), 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("v must have shape [2], but has [3]");
    }

    private static BatchNorm norm(double eps, double[] scale, double[] shift) {
        return new BatchNorm(
                parameter("scale", scale),
                parameter("shift", shift),
                parameter("mean", 5, 5),
                parameter("variance", 4, 4),
                eps);
    }

    private static double[] means(INDArray x) {
        double[] means = new double[(int) x.size(1)];
        for (int row = 0; row < x.size(0); row++) {
            for (int channel = 0; channel < means.length; channel++) {
                means[channel] += x.getDouble(row, channel) / x.size(0);
            }
        }
        return means;
    }

    private static double[] moved(double[] running, double[] batch) {
        double[] moved = new double[running.length];
        for (int i = 0; i < moved.length; i++) {
            moved[i] = 0.9 * running[i] + 0.1 * batch[i];
        }
        return moved;
    }

    private static double[] buffer(BatchNorm norm, int index) {
        List<Parameter> buffers = norm.buffers();
        return TestArrays.numbers(buffers.get(index).value());
    }

    private static INDArray array(double[] numbers, long... shape) {
        return TestArrays.of(DataType.DOUBLE, numbers, shape);
    }

    private static Parameter parameter(String name, double... numbers) {
        return Parameter.unregularized(name, TestArrays.of(DataType.DOUBLE, numbers, numbers.length));
    }
}
