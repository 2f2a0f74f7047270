package io.github.sherl4j.backbone;

import io.github.sherl4j.data.TokenBatch;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.Embedding;
import io.github.sherl4j.layer.LayerNorm;
import io.github.sherl4j.layer.LayerStep;
import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.Memory;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/** State 0 of BERT (Devlin et al. 2019) and its kin: {@code norm(word[id] + position[first + t] + type[segment])}. */
public final class WordEmbeddings implements Backbone.Stem<TokenBatch> {
    private final Embedding words;
    private final Embedding positions;
    private final int firstPosition;
    private final @Nullable Embedding types;
    private final LayerNorm norm;

    /**
     * A stem over its tables.
     *
     * @param firstPosition the position of a text's first token
     * @param types null if segments are not told apart
     */
    public WordEmbeddings(
            Embedding words, Embedding positions, int firstPosition, @Nullable Embedding types, LayerNorm norm) {
        this.words = words;
        this.positions = positions;
        this.firstPosition = firstPosition;
        this.types = types;
        this.norm = norm;
    }

    private record Kept(WordEmbeddings stem, Context context, TokenBatch batch, LayerStep norm)
            implements Backbone.StemStep {
        @Override
        public void backward(INDArray gradOutput) {
            Memory memory = context.memory();
            INDArray gradient = norm.backward(gradOutput);
            INDArray rows = memory.rows(gradient);
            stem.words.addGradients(memory, flat(memory, batch.ids()), rows);
            if (stem.types != null) {
                stem.types.addGradients(memory, flat(memory, batch.types()), rows);
            }
            stem.positions.addSequenceGradients(memory, gradient, stem.firstPosition);
        }
    }

    @Override
    public void infer(TokenBatch batch, Context context, INDArray result) {
        sum(batch, context, result);
        norm.infer(result, context, result);
    }

    @Override
    public Backbone.StemStep forward(TokenBatch batch, Context context, INDArray result) {
        Memory memory = context.memory();
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray sum = memory.scratch().array(result.shape());
            sum(batch, context, sum);
            return new Kept(this, context, batch, norm.forward(sum, context, result));
        }
    }

    private void sum(TokenBatch batch, Context context, INDArray result) {
        Memory memory = context.memory();
        INDArray rows = memory.rows(result);
        words.infer(memory, flat(memory, batch.ids()), rows);
        if (types != null) {
            try (Arena.Scope scope = memory.scratch().scope()) {
                INDArray typeRows = memory.scratch().array(rows.shape());
                types.infer(memory, flat(memory, batch.types()), typeRows);
                memory.ops().add(rows, typeRows, rows);
            }
        }
        positions.addSequence(memory, result, firstPosition);
    }

    private static INDArray flat(Memory memory, INDArray indices) {
        return memory.reshape(indices, indices.length());
    }
}
