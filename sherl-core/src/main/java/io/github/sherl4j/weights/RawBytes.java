package io.github.sherl4j.weights;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.concurrency.AffinityManager;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Moves a tensor's bytes (C order, little endian, as ND4J keeps them too) into arrays and out of them.
 *
 * <p>A fresh array of the stored type is filled in one go through its host buffer; anything else (another type, a view,
 * more bytes than one buffer can address) goes through a small array of the stored type, a piece at a time, so no more
 * than one piece is added to the peak of memory. Host buffers are taken and marked as changed through ND4J's own calls,
 * which know where a backend keeps the data.
 */
final class RawBytes {

    /** Large enough that an operation a piece does not count, small enough that its memory does not either. */
    private static final int PIECE = 1 << 24;

    /** Where a tensor's bytes come from. */
    @FunctionalInterface
    interface Source {
        /** Fills the buffer to its limit with the tensor's bytes from that offset on. */
        void copy(long offset, ByteBuffer into);
    }

    /** Where a tensor's bytes go, in order. */
    @FunctionalInterface
    interface Sink {
        /** Takes all bytes that remain in the buffer, which is valid during the call only. */
        void accept(ByteBuffer bytes) throws IOException;
    }

    private final int piece;

    RawBytes() {
        this(PIECE);
    }

    /** For tests: pieces of at most that many bytes, or of one element where that is more. */
    RawBytes(int piece) {
        this.piece = piece;
    }

    /** A fresh array in C order, outside all workspaces, owned by the caller. */
    INDArray read(DataType stored, long[] shape, DataType as, Source source) {
        if (!as.isNumerical()) {
            throw new IllegalArgumentException("as: expected a numeric type, got " + as);
        }
        INDArray result = Nd4j.createUninitializedDetached(as, 'c', shape);
        try {
            if (as == stored && bytes(result, stored) <= Integer.MAX_VALUE) {
                fillFresh(result, 0, source);
            } else {
                fill(result, stored, source);
            }
            return result;
        } catch (RuntimeException | Error e) {
            result.close();
            throw e;
        }
    }

    /** Fills an array of any order, type and stride. */
    void fill(INDArray target, DataType stored, Source source) {
        if (!target.isEmpty()) {
            fill(target, stored, 0, source);
        }
    }

    private void fill(INDArray target, DataType stored, long offset, Source source) {
        long bytes = bytes(target, stored);
        if (bytes <= piece || target.length() == 1) {
            try (INDArray staged = Nd4j.createUninitializedDetached(stored, 'c', target.shape())) {
                fillFresh(staged, offset, source);
                target.assign(staged);
            }
            return;
        }
        long rowBytes = bytes / target.size(0);
        long step = Math.max(1, piece / rowBytes);
        for (long row = 0; row < target.size(0); row += step) {
            fill(rows(target, row, step, rowBytes), stored, offset + row * rowBytes, source);
        }
    }

    /** Hands out an array's bytes in C order. The array may be a view in any order; it is not modified. */
    void write(INDArray array, Sink sink) throws IOException {
        if (array.isEmpty()) {
            return;
        }
        long bytes = bytes(array, array.dataType());
        if (bytes <= piece || array.length() == 1) {
            try (INDArray copy = copy(array)) {
                sink.accept(copy.data().asNio().limit((int) bytes));
            }
            return;
        }
        long rowBytes = bytes / array.size(0);
        long step = Math.max(1, piece / rowBytes);
        for (long row = 0; row < array.size(0); row += step) {
            write(rows(array, row, step, rowBytes), sink);
        }
    }

    /** A copy in C order, outside all workspaces. */
    static INDArray copy(INDArray array) {
        INDArray copy = Nd4j.createUninitializedDetached(array.dataType(), 'c', array.shape());
        return array.isEmpty() ? copy : copy.assign(array);
    }

    /**
     * A view of some rows; of one row without its first dimension, if that row alone is more than a piece. Made by hand,
     * since ND4J's {@code get} on a strided view returns an empty array for rows that lie far enough behind its start.
     */
    private INDArray rows(INDArray array, long row, long step, long rowBytes) {
        long[] shape = array.shape();
        long[] stride = array.stride();
        long offset = array.offset() + row * stride[0];
        if (rowBytes > piece && shape.length > 1) {
            shape = Arrays.copyOfRange(shape, 1, shape.length);
            stride = Arrays.copyOfRange(stride, 1, stride.length);
        } else {
            shape = shape.clone();
            shape[0] = Math.min(step, shape[0] - row);
        }
        return Nd4j.create(array.data(), shape, stride, offset, array.ordering());
    }

    private static void fillFresh(INDArray fresh, long offset, Source source) {
        if (!fresh.isEmpty()) {
            source.copy(offset, fresh.data().asNio().limit((int) bytes(fresh, fresh.dataType())));
            Nd4j.getAffinityManager().tagLocation(fresh, AffinityManager.Location.HOST);
        }
    }

    private static long bytes(INDArray array, DataType stored) {
        return array.length() * stored.width();
    }
}
