package io.github.sherl4j.backbone.bert;

import io.github.sherl4j.backbone.Backbone;
import io.github.sherl4j.data.TokenBatch;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.Embedding;
import io.github.sherl4j.layer.LayerNorm;
import io.github.sherl4j.layer.LayerStep;
import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.Memory;
import org.nd4j.linalg.api.ndarray.INDArray;

/** State 0 of BERT: {@code norm(word[id] + position[t] + type[segment])}. */
final class BertEmbeddings implements Backbone.Stem<TokenBatch> {
    private final Embedding words;
    private final Embedding positions;
    private final Embedding types;
    private final LayerNorm norm;

    BertEmbeddings(Embedding words, Embedding positions, Embedding types, LayerNorm norm) {
        this.words = words;
        this.positions = positions;
        this.types = types;
        this.norm = norm;
    }

    private record Kept(BertEmbeddings stem, Context context, TokenBatch batch, LayerStep norm)
            implements Backbone.StemStep {
        @Override
        public void backward(INDArray gradOutput) {
            Memory memory = context.memory();
            INDArray gradient = memory.rows(norm.backward(gradOutput));
            stem.words.addGradients(memory, flat(memory, batch.ids()), gradient);
            stem.types.addGradients(memory, flat(memory, batch.types()), gradient);
            if (stem.positions.table().trainable()) {
                INDArray table = memory.slices(stem.positions.table().gradient(), 0, batch.tokens());
                INDArray byText = memory.reshape(gradient, batch.size(), table.length());
                memory.ops().sumColumns(byText, memory.reshape(table, table.length(), 1), 1);
            }
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
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray rows = memory.rows(result);
            INDArray typeRows = memory.scratch().array(rows.shape());
            words.infer(memory, flat(memory, batch.ids()), rows);
            types.infer(memory, flat(memory, batch.types()), typeRows);
            memory.ops().add(rows, typeRows, rows);
            INDArray table = memory.slices(positions.table().value(), 0, batch.tokens());
            INDArray byText = memory.reshape(result, batch.size(), table.length());
            memory.ops().addRow(byText, memory.reshape(table, table.length()), byText);
        }
    }

    private static INDArray flat(Memory memory, INDArray indices) {
        return memory.reshape(indices, indices.length());
    }
}
