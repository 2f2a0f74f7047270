package io.github.sherl4j.backbone.dl4j;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The states of a walk that somebody is still going to read; with its last reader a state goes back to the pool. */
final class Readers {
    private final Map<String, Integer> counts = new HashMap<>();
    private final Map<String, INDArray> states = new HashMap<>();
    private final ArrayPool pool;

    Readers(List<Blueprint.Part> parts, ArrayPool pool) {
        this.pool = pool;
        parts.forEach(part -> part.inputs().forEach(this::keep));
    }

    /** One reader more. */
    void keep(String name) {
        counts.merge(name, 1, Integer::sum);
    }

    void add(String name, INDArray state) {
        if (counts.getOrDefault(name, 0) == 0) {
            pool.release(state);
        } else {
            states.put(name, state);
        }
    }

    INDArray of(String name) {
        return Objects.requireNonNull(states.get(name), name);
    }

    List<INDArray> of(Blueprint.Part part) {
        return part.inputs().stream().map(this::of).toList();
    }

    void wasRead(Blueprint.Part part) {
        for (String input : part.inputs()) {
            if (counts.merge(input, -1, Integer::sum) == 0) {
                pool.release(Objects.requireNonNull(states.remove(input), input));
            }
        }
    }
}
