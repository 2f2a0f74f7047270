package io.github.sherl4j.layer;

import io.github.sherl4j.nd.Memory;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * States that live from one layer of a chain to the next only: those of even and of odd index share a buffer of the scratch
 * arena each, as large as the largest of them.
 */
public final class PassingStates {
    private final Memory memory;
    private final Map<Integer, long[]> shapes;
    private final List<INDArray> buffers;

    /**
     * Takes the buffers from the scratch arena, in the caller's scope.
     *
     * @param shapes the shape of each passing state by its index in the chain
     */
    public PassingStates(Memory memory, Map<Integer, long[]> shapes) {
        this.memory = memory;
        this.shapes = Map.copyOf(shapes);
        this.buffers = List.of(buffer(0), buffer(1));
    }

    /** All states from one index, inclusive, to another, exclusive. */
    public static PassingStates between(Memory memory, int from, int to, IntFunction<long[]> shape) {
        return new PassingStates(
                memory, IntStream.range(from, to).boxed().collect(Collectors.toMap(i -> i, shape::apply)));
    }

    private INDArray buffer(int parity) {
        return memory.scratch().array(longest(shapes, parity));
    }

    /** At least 1, since there are no arrays without numbers. */
    private static long longest(Map<Integer, long[]> shapes, int parity) {
        return shapes.entrySet().stream()
                .filter(entry -> entry.getKey() % 2 == parity)
                .mapToLong(entry -> length(entry.getValue()))
                .max()
                .orElse(1);
    }

    private static long length(long[] shape) {
        return Arrays.stream(shape).reduce(1, Math::multiplyExact);
    }

    /** The array of a passing state, valid until the next but one is written. */
    public INDArray at(int index) {
        long[] shape = Objects.requireNonNull(shapes.get(index), "no such passing state");
        INDArray buffer = buffers.get(index % 2);
        return memory.reshape(memory.slices(buffer, 0, length(shape)), shape);
    }
}
