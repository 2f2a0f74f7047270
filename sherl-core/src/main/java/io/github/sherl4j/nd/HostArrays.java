package io.github.sherl4j.nd;

import java.util.ArrayList;
import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Arrays that the host writes into. They lie outside of the arenas, whose memory on a GPU is the device's alone, and are
 * kept from round to round: the n-th request gets the memory of the n-th request of the last round, unless it is too short.
 */
final class HostArrays implements AutoCloseable {
    private final DataType type;
    private final Views views;
    private final List<INDArray> flats = new ArrayList<>();
    private int next;

    HostArrays(DataType type, Views views) {
        this.type = type;
        this.views = views;
    }

    /** An array in C order with whatever numbers were there, which starts its buffer; valid until the round ends. */
    INDArray array(long... shape) {
        long length = 1;
        for (long size : shape) {
            length = Math.multiplyExact(length, size);
        }
        if (next == flats.size()) {
            flats.add(Nd4j.createUninitialized(type, length));
        } else if (flats.get(next).length() < length) {
            flats.get(next).close();
            flats.set(next, Nd4j.createUninitialized(type, length));
        }
        INDArray flat = flats.get(next++);
        return views.reshape(views.slices(flat, 0, length), shape);
    }

    void reset() {
        next = 0;
    }

    long bytes() {
        return flats.stream().mapToLong(INDArray::length).sum() * type.width();
    }

    @Override
    public void close() {
        flats.forEach(INDArray::close);
        flats.clear();
        next = 0;
    }
}
