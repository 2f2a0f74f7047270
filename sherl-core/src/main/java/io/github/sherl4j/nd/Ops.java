package io.github.sherl4j.nd;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.Op;
import org.nd4j.linalg.api.ops.impl.transforms.floating.RSqrt;
import org.nd4j.linalg.api.ops.impl.transforms.floating.Sqrt;
import org.nd4j.linalg.api.ops.impl.transforms.strict.Erf;
import org.nd4j.linalg.api.ops.impl.transforms.strict.Exp;
import org.nd4j.linalg.api.ops.impl.transforms.strict.Log;
import org.nd4j.linalg.api.ops.impl.transforms.strict.Sigmoid;
import org.nd4j.linalg.api.ops.impl.transforms.strict.Tanh;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Native operations into existing arrays. Unless said otherwise the result may be one of the inputs, other inputs are not
 * modified, and element-wise operations broadcast as ND4J does: {@code [rows, width]} with {@code [width]}, with
 * {@code [rows, 1]} or with a single number.
 */
public final class Ops implements AutoCloseable {
    private static final long[] NO_INTEGERS = {};
    private static final double[] NO_REALS = {};
    private static final long[][] TRANSPOSES = {{0, 0, 0}, {1, 0, 0}, {0, 1, 0}, {1, 1, 0}};
    private static final double[] RELU_CUTOFF = {0};
    private static final long CHANNELS_LAST = 1;
    private static final double[] KEEP_DIMENSIONS = {1};

    private final DataType type;
    private final Launcher launcher = new Launcher();
    private final Map<Double, INDArray> scalars = new HashMap<>();
    private final Views views;
    private final HostArrays hostArrays;
    private @Nullable INDArray ones;
    private final Map<Long, INDArray> identities = new HashMap<>();
    private final Map<List<Long>, INDArray> shapes = new HashMap<>();

    Ops(DataType type, Views views, HostArrays hostArrays) {
        this.type = type;
        this.views = views;
        this.hostArrays = hostArrays;
    }

    /**
     * {@code result = factor * op(x) op(y) + keep * result}, where op transposes the last two dimensions if asked. Takes
     * any strides without copying; leading dimensions are a batch.
     *
     * @param keep 0 overwrites the result, 1 adds to it
     * @param result [..., rows, columns], must not overlap x or y
     */
    public void product(
            INDArray x,
            INDArray y,
            INDArray result,
            boolean transposeX,
            boolean transposeY,
            double factor,
            double keep) {
        long[] transposes = TRANSPOSES[(transposeX ? 1 : 0) + (transposeY ? 2 : 0)];
        launcher.launch("matmul", transposes, new double[] {factor, keep}, x, y, result);
    }

    /** {@code result = x y}. */
    public void product(INDArray x, INDArray y, INDArray result) {
        product(x, y, result, false, false, 1, 0);
    }

    /** {@code result = x + y}. */
    public void add(INDArray x, INDArray y, INDArray result) {
        launcher.launch("add", NO_INTEGERS, NO_REALS, x, y, result);
    }

    /** {@code result = x - y}. */
    public void subtract(INDArray x, INDArray y, INDArray result) {
        launcher.launch("subtract", NO_INTEGERS, NO_REALS, x, y, result);
    }

    /** {@code result = x * y}, element by element. */
    public void multiply(INDArray x, INDArray y, INDArray result) {
        launcher.launch("multiply", NO_INTEGERS, NO_REALS, x, y, result);
    }

    /** {@code result = x / y}, element by element. */
    public void divide(INDArray x, INDArray y, INDArray result) {
        launcher.launch("divide", NO_INTEGERS, NO_REALS, x, y, result);
    }

    /** {@code result = x + number}; the number is kept as a native scalar, so it should be a constant. */
    public void add(INDArray x, double number, INDArray result) {
        add(x, scalar(number), result);
    }

    /** {@code result = number * x}; the number is kept as a native scalar, so it should be a constant. */
    public void multiply(INDArray x, double number, INDArray result) {
        multiply(x, scalar(number), result);
    }

    /** {@code result = number * x} for a number that may be another one in every step. */
    public void scale(INDArray x, double number, INDArray result) {
        multiply(x, number(number), result);
    }

    /** An array [1] of a number that may be another one in every step; valid until the next one starts. */
    public INDArray number(double number) {
        INDArray array = hostArrays.array(1);
        array.data().put(0, number);
        return array;
    }

    /** {@code result = max(x, number)}; the number should be a constant. */
    public void maximum(INDArray x, double number, INDArray result) {
        launcher.launch("maximum", NO_INTEGERS, NO_REALS, x, scalar(number), result);
    }

    /** {@code result = min(x, number)}; the number should be a constant. */
    public void minimum(INDArray x, double number, INDArray result) {
        launcher.launch("minimum", NO_INTEGERS, NO_REALS, x, scalar(number), result);
    }

    /** Adds a row to every row: {@code result = x + row}, x [..., width], row [width]. */
    public void addRow(INDArray x, INDArray row, INDArray result) {
        launcher.launch("biasadd", NO_INTEGERS, NO_REALS, x, row, result);
    }

    /** {@code result = softmax(x)} over the last dimension. */
    public void softmax(INDArray x, INDArray result) {
        if (type == DataType.DOUBLE) {
            // ND4J's softmax of doubles, unlike that of floats, is NaN where all of a row are below -745.
            launcher.launch("log_softmax", new long[] {x.rank() - 1}, NO_REALS, x, result);
            exp(result, result);
        } else {
            launcher.launch("softmax", new long[] {-1}, NO_REALS, x, result);
        }
    }

    /** The largest number of each row: x [rows, width], result [rows, 1]. */
    public void maximumRows(INDArray x, INDArray result) {
        launcher.launch("reduce_max", new long[] {1}, KEEP_DIMENSIONS, x, result);
    }

    /** Where the largest number of each row is, the first one of equals: x [rows, width], result [rows] INT64. */
    public void largestOfRows(INDArray x, INDArray result) {
        launcher.launch("argmax", new long[] {1}, NO_REALS, x, result);
    }

    /** {@code result = 0}. */
    public void zero(INDArray result) {
        launcher.launch("zeros_as", NO_INTEGERS, NO_REALS, result, result);
    }

    /** {@code result = max(x, 0)}. */
    public void relu(INDArray x, INDArray result) {
        launcher.launch("relu", NO_INTEGERS, RELU_CUTOFF, x, result);
    }

    /** {@code result = gradOutput where x > 0, else 0}. */
    public void reluGradient(INDArray x, INDArray gradOutput, INDArray result) {
        launcher.launch("relu_bp", NO_INTEGERS, RELU_CUTOFF, x, gradOutput, result);
    }

    /** Rows of a table: {@code result[i] = table[indices[i]]}, table [entries, width], indices [n] INT32, result [n, width]. */
    public void gather(INDArray table, INDArray indices, INDArray result) {
        launcher.launch("gather", new long[] {0}, NO_REALS, table, indices, result);
    }

    /** Adds rows to a table: {@code table[indices[i]] += rows[i]}; indices may repeat. */
    public void scatterAdd(INDArray table, INDArray indices, INDArray rows) {
        launcher.launch("scatter_add", NO_INTEGERS, NO_REALS, table, indices, rows, table);
    }

    /**
     * The largest number of each window: x [batch, height, width, channels].
     *
     * @param window height and width of the window, vertical and horizontal stride, vertical and horizontal padding
     * @param result [batch, windows down, windows across, channels], must not be the input
     */
    public void maxPool(INDArray x, long[] window, INDArray result) {
        launcher.launch("maxpool2d", channelsLast(window), NO_REALS, x, result);
    }

    /** Sends the gradient of each window to the first of its largest numbers; x as in the forward pass, result in its shape. */
    public void maxPoolGradient(INDArray x, INDArray gradOutput, long[] window, INDArray result) {
        launcher.launch("maxpool2d_bp", channelsLast(window), NO_REALS, x, gradOutput, result);
    }

    /** The mean of each window, padding counting as zeros; arguments as in {@link #maxPool}. */
    public void averagePool(INDArray x, long[] window, INDArray result) {
        launcher.launch("avgpool2d", channelsLast(window), NO_REALS, x, result);
    }

    /** Sends the gradient of each window to all its numbers alike; result in the shape of the forward pass's input. */
    public void averagePoolGradient(INDArray gradOutput, long[] window, INDArray result) {
        launcher.launch("avgpool2d_bp", channelsLast(window), NO_REALS, result, gradOutput, result);
    }

    /** Dilation 1, no automatic padding, padding counted in means, channels last, weights [out, in, height, width]. */
    private static long[] channelsLast(long... window) {
        return new long[] {window[0], window[1], window[2], window[3], window[4], window[5], 1, 1, 0, 1, 1};
    }

    /**
     * Convolution of pictures with their channels last.
     *
     * @param x [batch, height, width, in] in C order
     * @param weight [out, in, kernel height, kernel width] in C order
     * @param bias [out], or null for none
     * @param geometry kernel height and width, strides, and paddings, each downwards and sideways
     * @param result [batch, rows, columns, out] in C order, not one of the others
     */
    void convolve(INDArray x, INDArray weight, @Nullable INDArray bias, long[] geometry, INDArray result) {
        long[] integers = channelsLast(geometry);
        if (bias == null) {
            launcher.launch("conv2d", integers, NO_REALS, x, weight, result);
        } else {
            launcher.launch("conv2d", integers, NO_REALS, x, weight, bias, result);
        }
    }

    /**
     * The transposed function of {@link #convolve}, for the same weights and geometry: [batch, rows, columns, out] to
     * [batch, height, width, in] with height = stride (rows - 1) + kernel height - 2 padding, width likewise.
     */
    void convolveTransposed(INDArray x, INDArray weight, long[] geometry, INDArray result) {
        launcher.launch("deconv2d", channelsLast(geometry), NO_REALS, x, weight, result);
    }

    /**
     * Cuts pictures into square patches: x [batch, height, width, channels], result [batch, height / size, width / size, size *
     * size * channels], the numbers of a patch row by row, channels last.
     */
    public void patches(INDArray x, long size, INDArray result) {
        launcher.launch("space_to_depth", new long[] {size, CHANNELS_LAST}, NO_REALS, x, result);
    }

    /** Copies, whatever the strides and types of both. */
    public void copy(INDArray x, INDArray result) {
        long start = System.nanoTime();
        result.assign(x);
        profiled("copy", start, x, result);
    }

    /** {@code result = e^x}. */
    public void exp(INDArray x, INDArray result) {
        transform("exp", new Exp(x, result));
    }

    /** {@code result = log(x)}. */
    public void log(INDArray x, INDArray result) {
        transform("log", new Log(x, result));
    }

    /** {@code result = 1 / (1 + e^-x)}. */
    public void sigmoid(INDArray x, INDArray result) {
        transform("sigmoid", new Sigmoid(x, result));
    }

    /** {@code result = erf(x)}. */
    public void erf(INDArray x, INDArray result) {
        transform("erf", new Erf(x, result));
    }

    /** {@code result = tanh(x)}. */
    public void tanh(INDArray x, INDArray result) {
        transform("tanh", new Tanh(x, result));
    }

    /** {@code result = sqrt(x)}. */
    public void sqrt(INDArray x, INDArray result) {
        transform("sqrt", new Sqrt(x, result));
    }

    /** {@code result = 1 / sqrt(x)}. */
    public void inverseSqrt(INDArray x, INDArray result) {
        transform("rsqrt", new RSqrt(x, result));
    }

    /** Sums each row: x [rows, width], result [rows, 1]. A product with a vector of ones is many times faster than a reduction. */
    public void sumRows(INDArray x, INDArray result) {
        product(x, ones(x.size(-1)), result);
    }

    /** Means of each row: x [rows, width], result [rows, 1]. */
    public void meanRows(INDArray x, INDArray result) {
        long width = x.size(-1);
        product(x, ones(width), result, false, false, 1.0 / width, 0);
    }

    /** Sums over all rows, {@code result = sum_n x[n] + keep * result}: x [rows, width], result [width, 1]. */
    public void sumColumns(INDArray x, INDArray result, double keep) {
        sumColumns(x, 1, result, keep);
    }

    /** {@code result = factor * sum_n x[n] + keep * result}: x [rows, width], result [width, 1]. */
    public void sumColumns(INDArray x, double factor, INDArray result, double keep) {
        product(x, ones(x.size(0)), result, true, false, factor, keep);
    }

    /** Means over all rows: x [rows, width], result [width, 1]. */
    public void meanColumns(INDArray x, INDArray result) {
        sumColumns(x, 1.0 / x.size(0), result, 0);
    }

    /**
     * {@code result = factor * x + keep * result}, x and result [n, 1]. Both numbers may change from call to call, since
     * neither becomes a native scalar.
     */
    public void blend(INDArray x, double factor, INDArray result, double keep) {
        product(x, ones(1), result, false, false, factor, keep);
    }

    /** The same row everywhere: row [width], result [rows, width] with any distance between its rows. */
    public void repeatRow(INDArray row, INDArray result) {
        product(ones(result.size(0)), views.reshape(row, 1, row.length()), result);
    }

    /** A constant identity matrix [size, size]; never to be modified. */
    public INDArray identity(long size) {
        return identities.computeIfAbsent(size, key -> {
            INDArray matrix = Nd4j.create(type, size, size);
            for (long i = 0; i < size; i++) {
                matrix.putScalar(i, i, 1);
            }
            return matrix;
        });
    }

    /** Measures every operation from now on, or stops measuring if null. */
    public void profile(@Nullable OpProfile profile) {
        launcher.profile(profile);
    }

    /** The way to operations that are not here. */
    Launcher launcher() {
        return launcher;
    }

    /** A constant INT32 array of a shape's sizes, for operations that take a shape as an input. */
    INDArray shape(long... sizes) {
        return shapes.computeIfAbsent(
                Arrays.stream(sizes).boxed().toList(),
                key -> Nd4j.createFromArray(
                        Arrays.stream(sizes).mapToInt(Math::toIntExact).toArray()));
    }

    void reset() {
        launcher.reset();
    }

    @Override
    public void close() {
        scalars.values().forEach(INDArray::close);
        scalars.clear();
        if (ones != null) {
            ones.close();
            ones = null;
        }
        identities.values().forEach(INDArray::close);
        identities.clear();
        shapes.values().forEach(INDArray::close);
        shapes.clear();
    }

    /** A column of ones [length, 1], cut from one array as long as the longest ever asked for. */
    private INDArray ones(long length) {
        if (ones == null || ones.length() < length) {
            if (ones != null) {
                ones.close();
            }
            ones = NativeArrays.filled(type, 1, length, 1);
        }
        return views.slices(ones, 0, length);
    }

    private INDArray scalar(double number) {
        return scalars.computeIfAbsent(number, key -> Nd4j.scalar(type, key));
    }

    private void transform(String name, Op op) {
        long start = System.nanoTime();
        Nd4j.exec(op);
        profiled(name, start, op.x(), op.z());
    }

    private void profiled(String name, long start, INDArray... arrays) {
        OpProfile profile = launcher.profile();
        if (profile != null) {
            profile.add(name, System.nanoTime() - start, arrays);
        }
    }
}
