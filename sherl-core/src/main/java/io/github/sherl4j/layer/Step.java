package io.github.sherl4j.layer;

import java.lang.reflect.RecordComponent;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What one forward pass through a layer keeps for its backward pass: a record whose arrays, and those of the steps in it,
 * are all there is. It is used once, before the memory that it lies in starts its next step.
 */
public interface Step {
    /** Bytes of all arrays kept by this step and the steps in it, each array counted once. */
    default long keptBytes() {
        Set<INDArray> arrays = Collections.newSetFromMap(new IdentityHashMap<>());
        collect(this, arrays);
        return arrays.stream().mapToLong(a -> a.length() * a.dataType().width()).sum();
    }

    private static void collect(Object value, Set<INDArray> arrays) {
        if (value instanceof INDArray array) {
            arrays.add(array);
        } else if (value instanceof List<?> list) {
            list.forEach(element -> collect(element, arrays));
        } else if (value instanceof Step step) {
            try {
                for (RecordComponent component : step.getClass().getRecordComponents()) {
                    component.getAccessor().setAccessible(true);
                    Object part = component.getAccessor().invoke(step);
                    if (part != null) {
                        collect(part, arrays);
                    }
                }
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException("Step " + step.getClass().getName() + " cannot be read", e);
            }
        }
    }
}
