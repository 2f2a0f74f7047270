package io.github.sherl4j.backbone.dl4j;

import io.github.sherl4j.nd.Memory;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Arrays that come and go in any order, cut from the scratch arena and used again within its scope. So a walk through a
 * network needs as much memory as is alive at its widest place, however long the network is.
 */
final class ArrayPool implements Place {
    private final Memory memory;
    private final List<INDArray> free = new ArrayList<>();
    private final IdentityHashMap<INDArray, INDArray> taken = new IdentityHashMap<>();

    /** A pool that ends with the scratch arena's current scope. */
    ArrayPool(Memory memory) {
        this.memory = memory;
    }

    @Override
    public INDArray array(long... shape) {
        long length = 1;
        for (long size : shape) {
            length *= size;
        }
        INDArray flat = smallestFree(length);
        if (flat == null) {
            flat = memory.scratch().array(length);
        } else {
            free.remove(indexOf(flat));
        }
        INDArray array = memory.reshape(memory.slices(flat, 0, length), shape);
        taken.put(array, flat);
        return array;
    }

    /** Takes an array back, if it is one of this pool. */
    void release(INDArray array) {
        INDArray flat = taken.remove(array);
        if (flat != null) {
            free.add(flat);
        }
    }

    private @Nullable INDArray smallestFree(long length) {
        INDArray best = null;
        for (INDArray flat : free) {
            if (flat.length() >= length && (best == null || flat.length() < best.length())) {
                best = flat;
            }
        }
        return best;
    }

    private int indexOf(INDArray flat) {
        for (int i = 0; i < free.size(); i++) {
            if (free.get(i) == flat) {
                return i;
            }
        }
        throw new IllegalStateException("The array is not free");
    }
}
