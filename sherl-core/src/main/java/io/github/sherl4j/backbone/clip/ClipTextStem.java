package io.github.sherl4j.backbone.clip;

import io.github.sherl4j.backbone.Backbone;
import io.github.sherl4j.data.TokenBatch;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.Embedding;
import io.github.sherl4j.nd.Memory;
import org.nd4j.linalg.api.ndarray.INDArray;

/** State 0 of CLIP's text transformer: {@code word[id] + position[t]}. */
final class ClipTextStem implements Backbone.Stem<TokenBatch> {
    private final Embedding words;
    private final Embedding positions;

    ClipTextStem(Embedding words, Embedding positions) {
        this.words = words;
        this.positions = positions;
    }

    private record Kept(ClipTextStem stem, Context context, TokenBatch batch) implements Backbone.StemStep {
        @Override
        public void backward(INDArray gradOutput) {
            Memory memory = context.memory();
            stem.words.addGradients(memory, flat(memory, batch.ids()), memory.rows(gradOutput));
            stem.positions.addSequenceGradients(memory, gradOutput, 0);
        }
    }

    @Override
    public void infer(TokenBatch batch, Context context, INDArray result) {
        Memory memory = context.memory();
        words.infer(memory, flat(memory, batch.ids()), memory.rows(result));
        positions.addSequence(memory, result, 0);
    }

    @Override
    public Backbone.StemStep forward(TokenBatch batch, Context context, INDArray result) {
        infer(batch, context, result);
        return new Kept(this, context, batch);
    }

    private static INDArray flat(Memory memory, INDArray indices) {
        return memory.reshape(indices, indices.length());
    }
}
