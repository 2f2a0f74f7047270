package io.github.sherl4j.nd;

import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The working memory of one thread of computation: a {@linkplain #step() step arena} for what the backward pass needs, a
 * {@linkplain #scratch() scratch arena} for everything else, and the {@linkplain #ops() operations} that compute in them.
 *
 * <p>Rules that all layers keep: kept arrays come from the step arena; results of a backward pass come from the scratch
 * arena, made before the layer opens its own scope there; everything else lives in that scope and ends with the layer.
 * {@link #reset()} starts the next step. One thread at a time may use it.
 */
public final class Memory implements AutoCloseable {
    private final Arena step;
    private final Arena scratch;
    private final Ops ops;
    private final Views views = new Views();
    private final HostArrays hostArrays;
    private final Rng rng = new Rng(0);

    /**
     * Empty memory for computations in a floating point type.
     *
     * @param type type of all parameters and states that will be computed with
     */
    public Memory(DataType type) {
        step = new Arena(type);
        scratch = new Arena(type);
        hostArrays = new HostArrays(type, views);
        ops = new Ops(type, views, hostArrays);
    }

    /** The floating point type of all arrays here. */
    public DataType type() {
        return step.type();
    }

    /** What lives until the end of the step. */
    public Arena step() {
        return step;
    }

    /** What lives until the end of a scope. */
    public Arena scratch() {
        return scratch;
    }

    /** The operations; results must lie in this memory or outside of any. */
    public Ops ops() {
        return ops;
    }

    /** A random generator for use within one call; whoever uses it seeds it first. */
    public Rng rng() {
        return rng;
    }

    /** The array in another shape of the same length, over the same memory; the array must be in C order. */
    public INDArray reshape(INDArray array, long... shape) {
        return views.reshape(array, shape);
    }

    /** An array {@code [..., width]} as {@code [rows, width]}, over the same memory. */
    public INDArray rows(INDArray array) {
        long width = array.size(-1);
        return views.reshape(array, array.length() / width, width);
    }

    /** An array {@code [batch, positions..., width]} as {@code [batch, positions, width]}, over the same memory. */
    public INDArray positions(INDArray array) {
        long batch = array.size(0);
        long width = array.size(-1);
        return reshape(array, batch, array.length() / (batch * width), width);
    }

    /** An array {@code [batch, tokens, heads * size]} (or its rows) as {@code [batch, heads, tokens, size]}, over the same memory. */
    public INDArray heads(INDArray array, long batch, long tokens, long heads) {
        return views.heads(array, batch, tokens, heads);
    }

    /** An array {@code [a, b, c]} as {@code [b, a, c]}, over the same memory. */
    public INDArray swapFirstTwo(INDArray array) {
        return views.swapFirstTwo(array);
    }

    /** Sub-array {@code from} (inclusive) to {@code to} (exclusive) along the first dimension, over the same memory. */
    public INDArray slices(INDArray array, long from, long to) {
        return views.slices(array, from, to);
    }

    /** The first token's states of [batch, tokens, width] as [batch, width], over the same memory. */
    public INDArray firstToken(INDArray array) {
        return views.firstToken(array);
    }

    /** The array with its dimensions in another order, over the same memory. */
    public INDArray permute(INDArray array, int... order) {
        return views.permute(array, order);
    }

    /**
     * An array in C order that the host may write into by {@code array.data().put(i, number)}, unlike those of the arenas;
     * its numbers are undefined, and it is valid until the next step starts.
     */
    public INDArray hostArray(long... shape) {
        return hostArrays.array(shape);
    }

    /** The diagonal of [size, size] as [size], over the same memory. */
    public INDArray diagonal(INDArray array) {
        return views.diagonal(array);
    }

    /**
     * Pixels of a picture as [batch, rows, columns, channels], over the same memory: from so many pixels below and right of
     * the corner, every stride-th.
     *
     * @param array [batch, height, width, channels] in C order
     */
    public INDArray pixels(INDArray array, long corner, long stride, long rows, long columns) {
        long channels = array.size(3);
        long row = array.size(2) * channels;
        return view(array, corner * (row + channels), new long[] {array.size(0), rows, columns, channels}, new long[] {
            array.size(1) * row, stride * row, stride * channels, 1
        });
    }

    /** Any view of an array in C order over the same memory, which nobody checks: offset and strides count numbers. */
    INDArray view(INDArray array, long offset, long[] shape, long[] strides) {
        return views.strided(array, offset, shape, strides);
    }

    /** Tokens {@code from} (inclusive) to {@code to} (exclusive) of [batch, tokens, width] in C order, over the same memory. */
    public INDArray tokens(INDArray array, long from, long to) {
        long width = array.size(2);
        long[] shape = {array.size(0), to - from, width};
        return view(array, from * width, shape, new long[] {array.size(1) * width, width, 1});
    }

    /** Starts the next step: all arrays of the last one end. */
    public void reset() {
        step.reset();
        scratch.reset();
        views.reset();
        hostArrays.reset();
        ops.reset();
    }

    /** Native bytes held now: both arenas, and what the host writes into. */
    public long bytes() {
        return step.bytes() + scratch.bytes() + hostArrays.bytes();
    }

    /** Frees the memory. */
    @Override
    public void close() {
        views.clear();
        step.close();
        scratch.close();
        hostArrays.close();
        ops.close();
        rng.close();
    }
}
