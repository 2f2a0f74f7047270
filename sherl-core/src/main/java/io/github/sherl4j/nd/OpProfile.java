package io.github.sherl4j.nd;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Time, bytes and calls of each native operation with each shape of result, for finding out where a step's time goes. */
public final class OpProfile {
    /** Totals of one kind of operation: wall time in nanoseconds, bytes of all arrays that it read or wrote, calls. */
    public record Total(long nanos, long bytes, long calls) {}

    private final Map<String, Total> totals = new LinkedHashMap<>();

    /** Totals by operation and shape of its result, such as {@code matmul [1024, 3072]}, in order of first use. */
    public Map<String, Total> totals() {
        return totals;
    }

    void add(String operation, long nanos, INDArray... arrays) {
        long bytes = 0;
        for (INDArray array : arrays) {
            bytes += array.length() * array.dataType().width();
        }
        String key = operation + " " + Arrays.toString(arrays[arrays.length - 1].shape());
        totals.merge(
                key,
                new Total(nanos, bytes, 1),
                (a, b) -> new Total(a.nanos + b.nanos, a.bytes + b.bytes, a.calls + b.calls));
    }
}
