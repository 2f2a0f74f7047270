package io.github.sherl4j.barlow;

import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.nd.Memory;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** A copy of running statistics, for passes that compute again what has moved them already. */
final class RunningStatistics implements AutoCloseable {
    private final List<Parameter> buffers;
    private final List<INDArray> copies;

    /** Allocates the copies. */
    RunningStatistics(List<Parameter> buffers) {
        this.buffers = buffers;
        this.copies = buffers.stream()
                .map(buffer -> Nd4j.createUninitialized(
                        buffer.value().dataType(), buffer.value().shape()))
                .toList();
    }

    void remember(Memory memory) {
        for (int i = 0; i < copies.size(); i++) {
            memory.ops().copy(buffers.get(i).value(), copies.get(i));
        }
    }

    void restore(Memory memory) {
        for (int i = 0; i < copies.size(); i++) {
            memory.ops().copy(copies.get(i), buffers.get(i).value());
        }
    }

    @Override
    public void close() {
        copies.forEach(INDArray::close);
    }
}
