package io.github.sherl4j.route;

import io.github.sherl4j.data.Batch;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.nd.Rng;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/** One tower's way there and back over the parts of a batch. */
final class TowerPass<B extends Batch> {
    private final Tower<B> tower;
    private final Memory memory;
    private final List<B> parts;
    private final long seed;
    private final List<INDArray> buffers;
    private Tower.@Nullable Kept only;

    /**
     * @param memory where the parts are computed, one after the other
     * @param pairs memory of the whole batch; running statistics wait there for the second pass
     * @param seed seed of dropout
     */
    TowerPass(Tower<B> tower, Memory memory, Memory pairs, List<B> parts, long seed) {
        this.tower = tower;
        this.memory = memory;
        this.parts = parts;
        this.seed = seed;
        this.buffers = parts.size() == 1
                ? List.of()
                : tower.route().buffers().stream()
                        .map(buffer -> copy(pairs, buffer.value()))
                        .toList();
    }

    private static INDArray copy(Memory pairs, INDArray array) {
        INDArray copy = pairs.step().array(array.shape());
        pairs.ops().copy(array, copy);
        return copy;
    }

    /**
     * Computes the embeddings; of a single part everything is kept, of several nothing.
     *
     * @param embeddings [pairs, width] in {@code pairs}, overwritten
     */
    void forward(Memory pairs, INDArray embeddings) {
        long from = 0;
        for (int i = 0; i < parts.size(); i++) {
            B part = parts.get(i);
            memory.reset();
            INDArray own = memory.step().array(part.size(), tower.width());
            only = tower.forward(memory, part, Rng.derive(seed, i), own);
            pairs.ops().copy(own, pairs.slices(embeddings, from, from + part.size()));
            from += part.size();
        }
    }

    /**
     * Adds the gradients of the parameters; several parts are computed once more.
     *
     * @param gradEmbeddings [pairs, width], not modified
     */
    void backward(Memory pairs, INDArray gradEmbeddings) {
        restoreBuffers(pairs);
        long from = 0;
        for (int i = 0; i < parts.size(); i++) {
            B part = parts.get(i);
            Tower.Kept kept = parts.size() == 1 && only != null ? only : again(part, i);
            try (Arena.Scope scope = memory.scratch().scope()) {
                INDArray gradient = memory.scratch().array(part.size(), tower.width());
                memory.ops().copy(pairs.slices(gradEmbeddings, from, from + part.size()), gradient);
                kept.backward(gradient);
            }
            from += part.size();
        }
    }

    private Tower.Kept again(B part, int index) {
        memory.reset();
        INDArray own = memory.step().array(part.size(), tower.width());
        return tower.forward(memory, part, Rng.derive(seed, index), own);
    }

    /** So that running statistics move once for each part, as if there had been one pass. */
    private void restoreBuffers(Memory pairs) {
        List<Parameter> own = tower.route().buffers();
        for (int i = 0; i < buffers.size(); i++) {
            pairs.ops().copy(buffers.get(i), own.get(i).value());
        }
    }
}
