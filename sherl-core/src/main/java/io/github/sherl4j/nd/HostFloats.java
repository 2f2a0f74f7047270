package io.github.sherl4j.nd;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Arrays;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.concurrency.AffinityManager;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * An array of floats that is filled from plain Java, piece by piece and by several threads: one native array for as long as it
 * is used, instead of a new one each time.
 */
public final class HostFloats implements AutoCloseable {
    private final INDArray array;
    private final FloatBuffer buffer;

    /**
     * A new array outside of all workspaces, its numbers undefined.
     *
     * @param shape at most 2 GiB of floats
     */
    public HostFloats(long... shape) {
        long length = 1;
        for (long size : shape) {
            Check.argument(size >= 1, "shape must be positive, but is %s", Arrays.toString(shape));
            length = Math.multiplyExact(length, size);
        }
        Check.argument(
                length <= Integer.MAX_VALUE / Float.BYTES,
                "shape must have less than 2 GiB of floats, but is %s",
                Arrays.toString(shape));
        array = Nd4j.createUninitializedDetached(DataType.FLOAT, 'c', shape);
        ByteBuffer bytes = array.data().asNio();
        buffer = bytes.order(ByteOrder.nativeOrder()).asFloatBuffer();
    }

    /** Copies floats to a place, counted in floats from the array's start in C order; safe for threads at different places. */
    public void put(int place, float[] values) {
        buffer.put(place, values);
    }

    /** Copies floats from a place, as many as there is room for; what computed into the array must have ended. */
    public void get(int place, float[] target) {
        buffer.get(place, target);
    }

    /** The array, owned by this object; what was put before the call is in it. */
    public INDArray array() {
        Nd4j.getAffinityManager().tagLocation(array, AffinityManager.Location.HOST);
        return array;
    }

    /** Frees the array; not to be called while a thread puts. */
    @Override
    public void close() {
        array.close();
    }
}
