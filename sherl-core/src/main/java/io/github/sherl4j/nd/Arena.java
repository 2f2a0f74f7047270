package io.github.sherl4j.nd;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Native memory of one lifetime: one buffer from which arrays are cut in order, and which is given back as a whole.
 *
 * <p>The first round learns: arrays that do not fit the buffer get memory of their own, and {@link #reset()} replaces
 * buffer and extras by one buffer of exactly the most that was alive at once. From then on no memory is asked for
 * until a longer batch comes. Since a training step asks for the same arrays in the same order every time, the n-th
 * request is answered with the n-th {@link INDArray} of the last round where shapes agree: a warm step makes no
 * objects that a garbage collector would have to find.
 *
 * <p>All arrays have the arena's data type, are in C order and uninitialised, and end with the scope that they were made
 * in, or with the round. The host never writes into them, so that on a GPU they stay on the device.
 */
public final class Arena implements AutoCloseable {
    private static final long ALIGNMENT_BYTES = 64;

    /** The arena's state when the scope was opened; closing it frees what was made since. */
    public final class Scope implements AutoCloseable {
        private final long start = offset;
        private final int extrasBefore = extras.size();

        private Scope() {}

        @Override
        public void close() {
            offset = start;
            releaseExtras(extrasBefore);
        }
    }

    private record Slot(long offset, INDArray array) {}

    private final DataType type;
    private final long alignment;
    private final List<Slot> slots = new ArrayList<>();
    private final List<DataBuffer> extras = new ArrayList<>();
    private @Nullable DataBuffer buffer;
    private long capacity;
    private long offset;
    private long highWater;
    private long extraLength;
    private int next;

    /** An empty arena for arrays of a floating point type. */
    public Arena(DataType type) {
        Check.argument(type.isFPType(), "type must be a floating point type, but is %s", type);
        this.type = type;
        this.alignment = ALIGNMENT_BYTES / type.width();
    }

    /** The type of all arrays here. */
    public DataType type() {
        return type;
    }

    /** An uninitialised array in C order, valid until the enclosing scope or round ends. */
    public INDArray array(long... shape) {
        long length = 1;
        for (long size : shape) {
            Check.argument(size > 0, "shape must have positive sizes, but is %s", Arrays.toString(shape));
            length = Math.multiplyExact(length, size);
        }
        long start = offset;
        offset += (length + alignment - 1) / alignment * alignment;
        highWater = Math.max(highWater, offset);
        Slot last = next < slots.size() ? slots.get(next) : null;
        if (last != null && last.offset == start && Arrays.equals(last.array.shape(), shape)) {
            next++;
            return last.array;
        }
        Slot slot = cut(start, length, shape);
        if (last == null) {
            slots.add(slot);
        } else {
            slots.set(next, slot);
        }
        next++;
        return slot.array;
    }

    /** Opens a scope: arrays that are made from now on end when it closes. Scopes close in reverse order. */
    public Scope scope() {
        return new Scope();
    }

    /** Ends the round: every array ends, and the buffer grows to the most that was alive at once, if it was smaller. */
    public void reset() {
        offset = 0;
        next = 0;
        if (highWater > capacity) {
            free();
            buffer = Nd4j.createBuffer(type, highWater, false);
            capacity = highWater;
        }
        NativeMemory.warm(capacity > 0);
    }

    /** Native bytes held now. */
    public long bytes() {
        return (capacity + extraLength) * type.width();
    }

    /** Frees the memory. The arena can be used again, and learns again. */
    @Override
    public void close() {
        free();
        offset = 0;
        next = 0;
        highWater = 0;
    }

    private void free() {
        slots.clear();
        releaseExtras(0);
        if (buffer != null) {
            buffer.close();
            buffer = null;
        }
        capacity = 0;
    }

    private Slot cut(long start, long length, long[] shape) {
        DataBuffer part;
        if (buffer != null && start + length <= capacity) {
            part = Nd4j.createBuffer(buffer, start, length);
        } else {
            NativeMemory.warm(false);
            part = Nd4j.createBuffer(type, length, false);
            extras.add(part);
            extraLength += length;
        }
        return new Slot(start, Nd4j.create(part, shape, Nd4j.getStrides(shape, 'c'), 0, 'c', type));
    }

    private void releaseExtras(int from) {
        List<DataBuffer> ended = extras.subList(from, extras.size());
        for (DataBuffer extra : ended) {
            extraLength -= extra.length();
            extra.close();
        }
        ended.clear();
    }
}
