package io.github.sherl4j.adapter;

import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.Dropout;
import io.github.sherl4j.layer.LayerNorm;
import io.github.sherl4j.layer.LayerStep;
import io.github.sherl4j.layer.Linear;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.Memory;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/** {@code dropout(norm(linear(relu(y))))}, with or without the norm. */
final class LinearExpansion implements Expansion {
    private final Linear linear;
    private final @Nullable LayerNorm norm;
    private final Dropout dropout;

    LinearExpansion(Linear linear, @Nullable LayerNorm norm, Dropout dropout) {
        this.linear = linear;
        this.norm = norm;
        this.dropout = dropout;
    }

    /** What is behind the relu, [positions, reduced width], and what the norm needs. */
    private record Kept(
            Context context,
            INDArray active,
            LayerStep linear,
            @Nullable LayerStep norm,
            LayerStep dropout) implements Expansion.Kept {
        @Override
        public INDArray backward(INDArray gradOutput) {
            Memory memory = context.memory();
            INDArray gradient = memory.rows(dropout.backward(gradOutput));
            INDArray gradConsolidated = linear.backward(norm == null ? gradient : norm.backward(gradient));
            memory.ops().reluGradient(active, gradConsolidated, gradConsolidated);
            return gradConsolidated;
        }
    }

    @Override
    public void infer(INDArray consolidated, Context context, INDArray result) {
        context.memory().ops().relu(consolidated, consolidated);
        linear.infer(consolidated, context, context.memory().rows(result));
        if (norm != null) {
            norm.infer(result, context, result);
        }
    }

    @Override
    public Expansion.Kept forward(INDArray consolidated, Context context, INDArray result) {
        Memory memory = context.memory();
        INDArray rows = memory.rows(result);
        memory.ops().relu(consolidated, consolidated);
        LayerStep linearStep;
        LayerStep normStep = null;
        if (norm == null) {
            linearStep = linear.forward(consolidated, context, rows);
        } else {
            try (Arena.Scope scope = memory.scratch().scope()) {
                INDArray raw = memory.scratch().array(rows.shape());
                linearStep = linear.forward(consolidated, context, raw);
                normStep = norm.forward(raw, context, rows);
            }
        }
        return new Kept(context, consolidated, linearStep, normStep, dropout.forward(result, context, result));
    }

    @Override
    public List<Parameter> parameters() {
        List<Parameter> all = new ArrayList<>(linear.parameters());
        if (norm != null) {
            all.addAll(norm.parameters());
        }
        return all;
    }
}
