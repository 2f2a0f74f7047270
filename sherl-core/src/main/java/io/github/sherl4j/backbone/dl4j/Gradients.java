package io.github.sherl4j.backbone.dl4j;

import io.github.sherl4j.nd.Memory;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The gradients of states on the way back to the cut: each is the sum over all that read the state. */
final class Gradients {
    private final Memory memory;
    private final ArrayPool pool;
    private final Map<String, INDArray> sums = new HashMap<>();

    Gradients(Memory memory, ArrayPool pool) {
        this.memory = memory;
        this.pool = pool;
    }

    /** Adds a copy. */
    void add(String name, INDArray gradient) {
        INDArray sum = sums.get(name);
        if (sum == null) {
            INDArray copy = pool.array(gradient.shape());
            memory.ops().copy(gradient, copy);
            sums.put(name, copy);
        } else {
            memory.ops().add(sum, gradient, sum);
        }
    }

    /** Takes a gradient that is complete, since all readers have been passed. */
    INDArray take(String name) {
        return Objects.requireNonNull(sums.remove(name), name);
    }

    /** The gradients of one part's inputs. */
    InputGradients of(Blueprint.Part part, List<long[]> shapes, Predicate<String> wanted) {
        return new InputGradients() {
            @Override
            public boolean wanted(int input) {
                return wanted.test(part.inputs().get(input));
            }

            @Override
            public void add(int input, @Nullable INDArray gradient) {
                if (!wanted(input)) {
                    return;
                }
                if (gradient == null || !Arrays.equals(gradient.shape(), shapes.get(input))) {
                    throw new IllegalStateException("%s sent back a gradient of shape %s for an input of shape %s"
                            .formatted(
                                    part.name(),
                                    gradient == null ? "none" : Arrays.toString(gradient.shape()),
                                    Arrays.toString(shapes.get(input))));
                }
                Gradients.this.add(part.inputs().get(input), gradient);
            }

            @Override
            public INDArray array(int input) {
                return pool.array(shapes.get(input));
            }

            @Override
            public INDArray temporary(long... shape) {
                return pool.array(shape);
            }

            @Override
            public void release(INDArray array) {
                pool.release(array);
            }

            @Override
            public void filled(int input, INDArray gradient) {
                String name = part.inputs().get(input);
                if (sums.containsKey(name)) {
                    Gradients.this.add(name, gradient);
                    pool.release(gradient);
                } else {
                    sums.put(name, gradient);
                }
            }
        };
    }
}
