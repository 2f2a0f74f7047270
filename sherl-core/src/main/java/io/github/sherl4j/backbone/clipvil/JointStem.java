package io.github.sherl4j.backbone.clipvil;

import io.github.sherl4j.backbone.Backbone;
import io.github.sherl4j.backbone.WordEmbeddings;
import io.github.sherl4j.data.QuestionBatch;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.LayerNorm;
import io.github.sherl4j.layer.LayerStep;
import io.github.sherl4j.layer.Linear;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.Memory;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/** State 0: the embeddings of a question's word pieces, then {@code norm(linear(f))} of each of a picture's features f. */
final class JointStem implements Backbone.Stem<QuestionBatch> {
    private final WordEmbeddings words;
    private final Linear visual;
    private final LayerNorm visualNorm;

    JointStem(WordEmbeddings words, Linear visual, LayerNorm visualNorm) {
        this.words = words;
        this.visual = visual;
        this.visualNorm = visualNorm;
    }

    /** The features [batch, features, visual width] only where their projection is trainable. */
    private record Kept(
            JointStem stem,
            Context context,
            long tokens,
            Backbone.StemStep words,
            @Nullable INDArray features,
            LayerStep visualNorm)
            implements Backbone.StemStep {
        @Override
        public void backward(INDArray gradOutput) {
            Memory memory = context.memory();
            long batch = gradOutput.size(0);
            long all = gradOutput.size(1);
            long width = gradOutput.size(2);
            try (Arena.Scope scope = memory.scratch().scope()) {
                INDArray gradWords = memory.scratch().array(batch, tokens, width);
                memory.ops().copy(memory.tokens(gradOutput, 0, tokens), gradWords);
                words.backward(gradWords);
                INDArray gradVisual = memory.scratch().array(batch, all - tokens, width);
                memory.ops().copy(memory.tokens(gradOutput, tokens, all), gradVisual);
                stem.visual.addGradients(memory, features, visualNorm.backward(gradVisual));
            }
        }
    }

    @Override
    public void infer(QuestionBatch batch, Context context, INDArray result) {
        Memory memory = context.memory();
        long tokens = batch.questions().tokens();
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray embedded = memory.scratch().array(batch.size(), tokens, result.size(2));
            words.infer(batch.questions(), context, embedded);
            memory.ops().copy(embedded, memory.tokens(result, 0, tokens));
        }
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray projected = memory.scratch().array(batch.size(), result.size(1) - tokens, result.size(2));
            visual.infer(typed(batch.features(), memory, memory.scratch()), context, projected);
            visualNorm.infer(projected, context, projected);
            memory.ops().copy(projected, memory.tokens(result, tokens, result.size(1)));
        }
    }

    @Override
    public Backbone.StemStep forward(QuestionBatch batch, Context context, INDArray result) {
        Memory memory = context.memory();
        long tokens = batch.questions().tokens();
        boolean keepsFeatures = visual.parameters().stream().anyMatch(Parameter::trainable);
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray embedded = memory.scratch().array(batch.size(), tokens, result.size(2));
            Backbone.StemStep wordStep = words.forward(batch.questions(), context, embedded);
            memory.ops().copy(embedded, memory.tokens(result, 0, tokens));
            INDArray features = typed(batch.features(), memory, keepsFeatures ? memory.step() : memory.scratch());
            INDArray projected = memory.scratch().array(batch.size(), result.size(1) - tokens, result.size(2));
            visual.infer(features, context, projected);
            LayerStep normStep = visualNorm.forward(projected, context, projected);
            memory.ops().copy(projected, memory.tokens(result, tokens, result.size(1)));
            return new Kept(this, context, tokens, wordStep, keepsFeatures ? features : null, normStep);
        }
    }

    private static INDArray typed(INDArray features, Memory memory, Arena lifetime) {
        if (features.dataType() == memory.type()) {
            return features;
        }
        INDArray typed = lifetime.array(features.shape());
        memory.ops().copy(features, typed);
        return typed;
    }
}
