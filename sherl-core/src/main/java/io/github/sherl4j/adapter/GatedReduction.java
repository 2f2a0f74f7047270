package io.github.sherl4j.adapter;

import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.Linear;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.nd.Ops;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/** {@code h = (outer(y) + y) * sigmoid(gate(y))} with {@code y = relu(linear(f))}, for each token. */
final class GatedReduction implements Reduction {
    private final int index;
    private final Linear linear;
    private final Linear outer;
    private final Linear gate;

    /**
     * @param linear [width, state's width]
     * @param outer [width, width]
     * @param gate [width, width]
     */
    GatedReduction(int index, Linear linear, Linear outer, Linear gate) {
        this.index = index;
        this.linear = linear;
        this.outer = outer;
        this.gate = gate;
    }

    /**
     * The state, y, and the sigmoid, each but the state [positions, width]. The other factor is not needed: its part of the
     * gradient is that of h itself.
     */
    private record Kept(GatedReduction layer, Context context, INDArray state, INDArray active, INDArray openness)
            implements Reduction.Kept {
        @Override
        public void backward(INDArray reduced, INDArray gradReduced, @Nullable StateGradient wanted) {
            Memory memory = context.memory();
            INDArray result = Reduction.slice(memory, reduced, layer.index);
            INDArray gradient = Reduction.slice(memory, gradReduced, layer.index);
            layer.backward(this, result, gradient, wanted);
        }
    }

    @Override
    public void infer(Tapped tapped, Context context, INDArray reduced) {
        Arena scratch = context.memory().scratch();
        INDArray slice = Reduction.slice(context.memory(), reduced, index);
        try (Arena.Scope scope = scratch.scope()) {
            compute(
                    tapped.states().get(index),
                    context,
                    scratch.array(slice.shape()),
                    scratch.array(slice.shape()),
                    slice);
        }
    }

    @Override
    public Reduction.Kept forward(Tapped tapped, Context context, INDArray reduced) {
        Arena step = context.memory().step();
        INDArray state = tapped.states().get(index);
        INDArray slice = Reduction.slice(context.memory(), reduced, index);
        INDArray active = step.array(slice.shape());
        INDArray openness = step.array(slice.shape());
        compute(state, context, active, openness, slice);
        return new Kept(this, context, state, active, openness);
    }

    private void compute(INDArray state, Context context, INDArray active, INDArray openness, INDArray result) {
        Ops ops = context.memory().ops();
        linear.infer(context.memory().rows(state), context, active);
        ops.relu(active, active);
        outer.infer(active, context, result);
        ops.add(result, active, result);
        gate.infer(active, context, openness);
        ops.sigmoid(openness, openness);
        ops.multiply(result, openness, result);
    }

    /** @param gradient [positions, width] with respect to the result, overwritten */
    private void backward(Kept kept, INDArray result, INDArray gradient, @Nullable StateGradient wanted) {
        Memory memory = kept.context.memory();
        Ops ops = memory.ops();
        try (Arena.Scope scope = memory.scratch().scope()) {
            // d sigmoid = s (1 - s), and s times the other factor is the result
            INDArray gradGate = memory.scratch().array(result.shape());
            INDArray gradActive = memory.scratch().array(result.shape());
            ops.multiply(kept.openness, -1, gradGate);
            ops.add(gradGate, 1, gradGate);
            ops.multiply(gradGate, result, gradGate);
            ops.multiply(gradGate, gradient, gradGate);
            ops.multiply(gradient, kept.openness, gradient);

            gate.addGradients(memory, kept.active, gradGate);
            outer.addGradients(memory, kept.active, gradient);
            ops.copy(gradient, gradActive);
            outer.inputGradient(memory, gradient, gradActive, 1);
            gate.inputGradient(memory, gradGate, gradActive, 1);
            ops.reluGradient(kept.active, gradActive, gradActive);
            linear.addGradients(memory, memory.rows(kept.state), gradActive);
            if (wanted != null) {
                linear.inputGradient(memory, gradActive, wanted.gradient(), 1);
            }
        }
    }

    @Override
    public boolean keepsState() {
        return true;
    }

    @Override
    public List<Parameter> parameters() {
        return Stream.of(linear, outer, gate)
                .flatMap(layer -> layer.parameters().stream())
                .toList();
    }
}
