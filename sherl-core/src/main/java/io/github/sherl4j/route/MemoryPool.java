package io.github.sherl4j.route;

import io.github.sherl4j.nd.Memory;
import java.util.Deque;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import org.nd4j.linalg.api.buffer.DataType;

/** Working memory for any number of threads: each computation borrows one and gives it back, the last one used first. */
final class MemoryPool implements AutoCloseable {
    /** A borrowed memory, reset; closing gives it back. */
    final class Loan implements AutoCloseable {
        private final Memory memory;

        private Loan(Memory memory) {
            this.memory = memory;
        }

        Memory memory() {
            return memory;
        }

        @Override
        public void close() {
            idle.push(memory);
        }
    }

    private final DataType type;
    private final Deque<Memory> idle = new ConcurrentLinkedDeque<>();
    private final Set<Memory> all = ConcurrentHashMap.newKeySet();

    MemoryPool(DataType type) {
        this.type = type;
    }

    Loan borrow() {
        Memory memory = idle.poll();
        if (memory == null) {
            memory = new Memory(type);
            all.add(memory);
        }
        memory.reset();
        return new Loan(memory);
    }

    long bytes() {
        return all.stream().mapToLong(Memory::bytes).sum();
    }

    @Override
    public void close() {
        all.forEach(Memory::close);
        all.clear();
        idle.clear();
    }
}
