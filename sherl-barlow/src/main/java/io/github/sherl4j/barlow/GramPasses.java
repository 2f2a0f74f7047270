package io.github.sherl4j.barlow;

import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.Memory;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** {@link LossForm#GRAM} in parts: gathers the embeddings, computes all gradients at once, and hands them out in parts. */
final class GramPasses implements MicroBatches.Passes {
    /** All [batch, width], in the step arena. */
    private record Whole(INDArray z1, INDArray z2, INDArray gradient1, INDArray gradient2) {
        static Whole in(Arena step, long batch, long width) {
            return new Whole(
                    step.array(batch, width),
                    step.array(batch, width),
                    step.array(batch, width),
                    step.array(batch, width));
        }
    }

    private final Memory memory;
    private final LossOptions options;
    private final long batch;
    private final long width;
    private Whole whole;

    GramPasses(LossOptions options, long batch, long width, DataType type) {
        this.memory = new Memory(type);
        this.options = options;
        this.batch = batch;
        this.width = width;
        this.whole = Whole.in(memory.step(), batch, width);
    }

    @Override
    public void clear() {
        memory.reset();
        whole = Whole.in(memory.step(), batch, width);
    }

    @Override
    public void add(long from, INDArray part1, INDArray part2) {
        Embeddings.checkFinite(memory, "z1", part1);
        Embeddings.checkFinite(memory, "z2", part2);
        long to = from + part1.size(0);
        memory.ops().copy(part1, memory.slices(whole.z1, from, to));
        memory.ops().copy(part2, memory.slices(whole.z2, from, to));
    }

    @Override
    public LossValue loss() {
        return new GramLoss(memory, options).compute(whole.z1, whole.z2, whole.gradient1, whole.gradient2);
    }

    @Override
    public LossGradients gradients(long from, INDArray part1, INDArray part2) {
        long to = from + part1.size(0);
        return new LossGradients(memory.slices(whole.gradient1, from, to), memory.slices(whole.gradient2, from, to));
    }

    @Override
    public void close() {
        memory.close();
    }
}
