package io.github.sherl4j.layer;

import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.Check;
import io.github.sherl4j.nd.Columns;
import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.nd.Ops;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Batch norm (Ioffe and Szegedy 2015) over all but the last dimension:
 * {@code y = (x - mean) / sqrt(variance + eps) * scale + shift} for each channel, x [..., channels].
 *
 * <p>{@code infer} always takes the running statistics. {@code forward} takes them too, until
 * {@link #statistics(Statistics)} says {@link Statistics#BATCH}: then mean and biased variance are those of the input's
 * rows, gradients flow through them, and the running statistics move towards them by PyTorch's rule, with the unbiased
 * variance: {@code running = (1 - momentum) * running + momentum * batch}. So a norm that nobody switches is frozen.
 */
public final class BatchNorm implements Layer {
    /** PyTorch's share of a batch's statistics in the running ones. */
    public static final double MOMENTUM = 0.1;

    /** Which statistics the forward pass takes. */
    public enum Statistics {
        /** Those of the batch, which also move the running ones. */
        BATCH,
        /** The running ones, which stay as they are to the last bit. */
        RUNNING
    }

    private final @Nullable Parameter scale;
    private final @Nullable Parameter shift;
    private final Parameter runningMean;
    private final Parameter runningVariance;
    private final double eps;
    private final long channels;
    private Statistics statistics = Statistics.RUNNING;

    /**
     * A layer over its parameters, on running statistics.
     *
     * @param scale [channels], or null together with {@code shift} for a norm without affine parameters
     * @param shift [channels]
     * @param runningMean [channels], a buffer: in files, but never trained
     * @param runningVariance [channels], a buffer
     * @param eps added to the variance
     */
    public BatchNorm(
            @Nullable Parameter scale,
            @Nullable Parameter shift,
            Parameter runningMean,
            Parameter runningVariance,
            double eps) {
        Check.shape(runningMean.name(), runningMean.value(), Check.ANY);
        this.channels = runningMean.value().length();
        Check.shape(runningVariance.name(), runningVariance.value(), channels);
        Check.argument(
                (scale == null) == (shift == null),
                "scale and shift of the norm of %s must both be there, or neither",
                runningMean.name());
        if (scale != null && shift != null) {
            Check.shape(scale.name(), scale.value(), channels);
            Check.shape(shift.name(), shift.value(), channels);
        }
        Check.argument(eps > 0, "eps must be positive, but is %s", eps);
        this.scale = scale;
        this.shift = shift;
        this.runningMean = runningMean;
        this.runningVariance = runningVariance;
        this.eps = eps;
    }

    /** Which statistics the forward pass takes. */
    public Statistics statistics() {
        return statistics;
    }

    /** Sets which statistics forward passes take from now on. */
    public void statistics(Statistics newStatistics) {
        statistics = newStatistics;
    }

    /** Whether the forward pass keeps its input, which then has to live as long as the step. */
    public boolean keepsInput() {
        return statistics == Statistics.RUNNING && scale != null && scale.trainable();
    }

    /** What batch statistics need: the standardised rows [rows, channels] and 1 / sqrt(variance + eps) [channels, 1]. */
    private record KeptBatch(BatchNorm layer, Context context, INDArray normalized, INDArray inverseDeviation)
            implements LayerStep {
        @Override
        public INDArray backward(INDArray gradOutput) {
            layer.batchGradient(context.memory(), context.memory().rows(gradOutput), normalized, inverseDeviation);
            return gradOutput;
        }
    }

    /** Running statistics are constants: only the gradient of a trainable scale needs the input. */
    private record KeptRunning(
            BatchNorm layer, Context context, @Nullable INDArray input) implements LayerStep {
        @Override
        public INDArray backward(INDArray gradOutput) {
            layer.runningGradient(context.memory(), context.memory().rows(gradOutput), input);
            return gradOutput;
        }
    }

    /** As the interface says, on running statistics; the result may be the input itself. */
    @Override
    public void infer(INDArray input, Context context, INDArray result) {
        Memory memory = context.memory();
        Ops ops = memory.ops();
        check(input);
        INDArray rows = memory.rows(result);
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray factor = runningFactor(memory);
            INDArray offset = memory.scratch().array(channels);
            ops.multiply(runningMean.value(), factor, offset);
            ops.multiply(offset, -1, offset);
            if (shift != null) {
                ops.add(offset, shift.value(), offset);
            }
            ops.multiply(memory.rows(input), factor, rows);
            ops.addRow(rows, offset, rows);
        }
    }

    /**
     * As the interface says. The step's backward pass overwrites its argument with the result. On running statistics the
     * input is kept if the scale is trainable; on batch statistics the result may be the input itself.
     *
     * @throws IllegalArgumentException if the input has a single row and batch statistics are asked for
     */
    @Override
    public LayerStep forward(INDArray input, Context context, INDArray result) {
        if (statistics == Statistics.RUNNING) {
            infer(input, context, result);
            return new KeptRunning(this, context, keepsInput() ? input : null);
        }
        check(input);
        Memory memory = context.memory();
        INDArray rows = memory.rows(input);
        Check.argument(
                rows.size(0) > 1,
                "input of %s must have more than one row for batch statistics, but has shape %s",
                runningMean.name(),
                Arrays.toString(input.shape()));
        INDArray normalized = memory.step().array(rows.shape());
        INDArray inverseDeviation = memory.step().array(channels, 1);
        standardize(memory, rows, normalized, inverseDeviation);
        affine(memory, normalized, memory.rows(result));
        return new KeptBatch(this, context, normalized, inverseDeviation);
    }

    private void standardize(Memory memory, INDArray rows, INDArray normalized, INDArray inverseDeviation) {
        Ops ops = memory.ops();
        long count = rows.size(0);
        INDArray column = inverseDeviation; // mean, then variance, then 1 / deviation
        INDArray row = memory.reshape(column, channels);
        ops.meanColumns(rows, column);
        ops.blend(column, MOMENTUM, column(memory, runningMean), 1 - MOMENTUM);
        ops.subtract(rows, row, normalized);
        Columns.dots(memory, normalized, normalized, 1.0 / count, column, 0);
        double unbiased = count / (count - 1.0);
        ops.blend(column, MOMENTUM * unbiased, column(memory, runningVariance), 1 - MOMENTUM);
        ops.add(column, eps, column);
        ops.inverseSqrt(column, column);
        ops.multiply(normalized, row, normalized);
    }

    private void affine(Memory memory, INDArray normalized, INDArray result) {
        Ops ops = memory.ops();
        if (scale == null || shift == null) {
            ops.copy(normalized, result);
        } else {
            ops.multiply(normalized, scale.value(), result);
            ops.addRow(result, shift.value(), result);
        }
    }

    /**
     * {@code scale / deviation * (g - mean(g) - y mean(g y))}, y the standardised rows.
     *
     * @param gradient [rows, channels], overwritten by the result
     */
    private void batchGradient(Memory memory, INDArray gradient, INDArray normalized, INDArray inverseDeviation) {
        Ops ops = memory.ops();
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray sum = memory.scratch().array(channels, 1);
            INDArray productSum = memory.scratch().array(channels, 1);
            ops.sumColumns(gradient, sum, 0);
            Columns.dots(memory, gradient, normalized, 1, productSum, 0);
            addGradient(memory, scale, productSum);
            addGradient(memory, shift, sum);

            double share = 1.0 / gradient.size(0);
            INDArray mean = memory.scratch().array(channels, 1);
            INDArray meanRow = memory.reshape(mean, channels);
            ops.blend(sum, share, mean, 0);
            ops.subtract(gradient, meanRow, gradient);
            ops.blend(productSum, -share, mean, 0);
            Columns.addScaled(memory, gradient, normalized, meanRow);
            INDArray factor = inverseDeviation;
            if (scale != null) {
                factor = mean;
                ops.multiply(inverseDeviation, column(memory, scale), factor);
            }
            ops.multiply(gradient, memory.reshape(factor, channels), gradient);
        }
    }

    /** @param gradient [rows, channels], overwritten by the gradient with respect to the input */
    private void runningGradient(Memory memory, INDArray gradient, @Nullable INDArray input) {
        Ops ops = memory.ops();
        try (Arena.Scope scope = memory.scratch().scope()) {
            if (shift != null && shift.trainable()) {
                ops.sumColumns(gradient, gradientColumn(memory, shift), 1);
            }
            if (input != null) {
                INDArray product = memory.scratch().array(gradient.shape());
                INDArray sum = memory.scratch().array(channels, 1);
                INDArray inverse = memory.scratch().array(channels);
                ops.subtract(memory.rows(input), runningMean.value(), product);
                ops.multiply(product, gradient, product);
                ops.sumColumns(product, sum, 0);
                inverseDeviation(memory, inverse);
                ops.multiply(sum, memory.reshape(inverse, channels, 1), sum);
                addGradient(memory, scale, sum);
            }
            ops.multiply(gradient, runningFactor(memory), gradient);
        }
    }

    /** {@code scale / sqrt(running variance + eps)} [channels], in the scratch arena. */
    private INDArray runningFactor(Memory memory) {
        INDArray factor = memory.scratch().array(channels);
        inverseDeviation(memory, factor);
        if (scale != null) {
            memory.ops().multiply(factor, scale.value(), factor);
        }
        return factor;
    }

    private void inverseDeviation(Memory memory, INDArray result) {
        memory.ops().add(runningVariance.value(), eps, result);
        memory.ops().inverseSqrt(result, result);
    }

    private static void addGradient(Memory memory, @Nullable Parameter parameter, INDArray column) {
        if (parameter != null && parameter.trainable()) {
            memory.ops().blend(column, 1, gradientColumn(memory, parameter), 1);
        }
    }

    private static INDArray gradientColumn(Memory memory, Parameter parameter) {
        return memory.reshape(parameter.gradient(), parameter.gradient().length(), 1);
    }

    private static INDArray column(Memory memory, Parameter parameter) {
        return memory.reshape(parameter.value(), parameter.value().length(), 1);
    }

    private void check(INDArray input) {
        Check.width("input of " + runningMean.name(), input, channels);
    }

    @Override
    public List<Parameter> parameters() {
        return Stream.of(scale, shift).filter(p -> p != null).toList();
    }

    /** Running mean and running variance. */
    @Override
    public List<Parameter> buffers() {
        return List.of(runningMean, runningVariance);
    }
}
