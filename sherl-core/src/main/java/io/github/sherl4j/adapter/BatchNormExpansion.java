package io.github.sherl4j.adapter;

import io.github.sherl4j.layer.BatchNorm;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.Dropout;
import io.github.sherl4j.layer.LayerStep;
import io.github.sherl4j.layer.Linear;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.Memory;
import java.util.List;
import java.util.stream.Stream;
import org.nd4j.linalg.api.ndarray.INDArray;

/** {@code dropout(relu(batch_norm(linear(y))))}, the linear layer being a convolution of one pixel. */
final class BatchNormExpansion implements Expansion {
    private final Linear linear;
    private final BatchNorm norm;
    private final Dropout dropout;

    BatchNormExpansion(Linear linear, BatchNorm norm, Dropout dropout) {
        this.linear = linear;
        this.norm = norm;
        this.dropout = dropout;
    }

    /** The consolidated state, what the norm needs, and what is before the relu, [positions, width]. */
    private record Kept(Context context, LayerStep linear, LayerStep norm, INDArray preactivation, LayerStep dropout)
            implements Expansion.Kept {
        @Override
        public INDArray backward(INDArray gradOutput) {
            Memory memory = context.memory();
            INDArray gradient = memory.rows(dropout.backward(gradOutput));
            memory.ops().reluGradient(preactivation, gradient, gradient);
            return linear.backward(norm.backward(gradient));
        }
    }

    @Override
    public void infer(INDArray consolidated, Context context, INDArray result) {
        INDArray rows = context.memory().rows(result);
        linear.infer(consolidated, context, rows);
        norm.infer(rows, context, rows);
        context.memory().ops().relu(rows, rows);
    }

    @Override
    public Expansion.Kept forward(INDArray consolidated, Context context, INDArray result) {
        Memory memory = context.memory();
        INDArray rows = memory.rows(result);
        INDArray preactivation = memory.step().array(rows.shape());
        LayerStep linearStep;
        LayerStep normStep;
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray raw = PooledReduction.inputOf(norm, memory).array(rows.shape());
            linearStep = linear.forward(consolidated, context, raw);
            normStep = norm.forward(raw, context, preactivation);
        }
        memory.ops().relu(preactivation, rows);
        return new Kept(context, linearStep, normStep, preactivation, dropout.forward(result, context, result));
    }

    @Override
    public List<Parameter> parameters() {
        return Stream.concat(linear.parameters().stream(), norm.parameters().stream())
                .toList();
    }

    @Override
    public List<BatchNorm> norms() {
        return List.of(norm);
    }
}
