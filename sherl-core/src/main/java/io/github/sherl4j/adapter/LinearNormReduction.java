package io.github.sherl4j.adapter;

import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.LayerNorm;
import io.github.sherl4j.layer.LayerStep;
import io.github.sherl4j.layer.Linear;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.Memory;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/** {@code h = norm(linear(f))} for each token. */
final class LinearNormReduction implements Reduction {
    private final int index;
    private final Linear linear;
    private final LayerNorm norm;

    LinearNormReduction(int index, Linear linear, LayerNorm norm) {
        this.index = index;
        this.linear = linear;
        this.norm = norm;
    }

    /** The state for the gradient of the linear layer's weight, and what the norm needs. */
    private record Kept(LinearNormReduction layer, Context context, INDArray state, LayerStep norm)
            implements Reduction.Kept {
        @Override
        public void backward(INDArray reduced, INDArray gradReduced, @Nullable StateGradient wanted) {
            Memory memory = context.memory();
            INDArray gradLinear = norm.backward(Reduction.slice(memory, gradReduced, layer.index));
            layer.linear.addGradients(memory, memory.rows(state), gradLinear);
            if (wanted != null) {
                layer.linear.inputGradient(memory, gradLinear, wanted.gradient(), 1);
            }
        }
    }

    @Override
    public void infer(Tapped tapped, Context context, INDArray reduced) {
        Memory memory = context.memory();
        INDArray slice = Reduction.slice(memory, reduced, index);
        linear.infer(memory.rows(tapped.states().get(index)), context, slice);
        norm.infer(slice, context, slice);
    }

    @Override
    public Reduction.Kept forward(Tapped tapped, Context context, INDArray reduced) {
        Memory memory = context.memory();
        INDArray state = tapped.states().get(index);
        INDArray slice = Reduction.slice(memory, reduced, index);
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray raw = memory.scratch().array(slice.shape());
            linear.infer(memory.rows(state), context, raw);
            return new Kept(this, context, state, norm.forward(raw, context, slice));
        }
    }

    @Override
    public boolean keepsState() {
        return true;
    }

    @Override
    public List<Parameter> parameters() {
        return Stream.concat(linear.parameters().stream(), norm.parameters().stream())
                .toList();
    }
}
