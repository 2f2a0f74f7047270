package io.github.sherl4j.adapter;

import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.layer.Step;
import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.nd.Ops;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Adds the guide, as it was before its reduction: times {@code tanh(gate / temperature)}, or as it is. */
final class GuideSkip {
    private final @Nullable Parameter gate;
    private final double temperature;

    /** @param gate [1], or null for none */
    GuideSkip(@Nullable Parameter gate, double temperature) {
        this.gate = gate;
        this.temperature = temperature;
    }

    /** The guide and the gate's openness [1]; nothing without a gate. */
    record Kept(
            GuideSkip layer,
            Memory memory,
            @Nullable INDArray guide,
            @Nullable INDArray openness) implements Step {
        /**
         * Adds the gradient of the gate.
         *
         * @param gradOutput not modified
         * @param gradGuide in the same shape, overwritten; null if it is not asked for
         */
        void backward(INDArray gradOutput, @Nullable INDArray gradGuide) {
            if (guide == null || openness == null) {
                if (gradGuide != null) {
                    memory.ops().copy(gradOutput, gradGuide);
                }
                return;
            }
            layer.addGateGradient(memory, guide, openness, gradOutput);
            if (gradGuide != null) {
                memory.ops().multiply(gradOutput, openness, gradGuide);
            }
        }
    }

    /** @param result in the guide's shape, added to */
    void infer(Memory memory, INDArray guide, INDArray result) {
        try (Arena.Scope scope = memory.scratch().scope()) {
            add(memory, guide, memory.scratch().array(1), result);
        }
    }

    Kept forward(Memory memory, INDArray guide, INDArray result) {
        if (gate == null) {
            memory.ops().add(result, guide, result);
            return new Kept(this, memory, null, null);
        }
        INDArray openness = memory.step().array(1);
        add(memory, guide, openness, result);
        return new Kept(this, memory, guide, openness);
    }

    private void add(Memory memory, INDArray guide, INDArray openness, INDArray result) {
        Ops ops = memory.ops();
        if (gate == null) {
            ops.add(result, guide, result);
            return;
        }
        ops.multiply(gate.value(), 1 / temperature, openness);
        ops.tanh(openness, openness);
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray gated = memory.scratch().array(result.shape());
            ops.multiply(guide, openness, gated);
            ops.add(result, gated, result);
        }
    }

    /** {@code gate.gradient += sum(gradOutput guide) (1 - tanh^2) / temperature}. */
    private void addGateGradient(Memory memory, INDArray guide, INDArray openness, INDArray gradOutput) {
        if (gate == null || !gate.trainable()) {
            return;
        }
        Ops ops = memory.ops();
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray product = memory.scratch().array(guide.shape());
            INDArray sum = memory.scratch().array(1, 1);
            INDArray slope = memory.scratch().array(1);
            ops.multiply(gradOutput, guide, product);
            ops.sumRows(memory.reshape(product, 1, product.length()), sum);
            ops.multiply(openness, openness, slope);
            ops.multiply(slope, -1, slope);
            ops.add(slope, 1, slope);
            ops.multiply(slope, 1 / temperature, slope);
            ops.multiply(slope, memory.reshape(sum, 1), slope);
            ops.add(gate.gradient(), slope, gate.gradient());
        }
    }

    List<Parameter> parameters() {
        return gate == null ? List.of() : List.of(gate);
    }
}
