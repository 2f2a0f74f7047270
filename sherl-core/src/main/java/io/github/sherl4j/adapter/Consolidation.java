package io.github.sherl4j.adapter;

import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.layer.Step;
import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.nd.Ops;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/** {@code y = mlp(sum_i a_i h_i) + g}, with or without the MLP; the weights a are {@link AntiRedundancy}'s. */
final class Consolidation {
    private final AntiRedundancy antiRedundancy;
    private final @Nullable AggregateMlp mlp;

    Consolidation(AntiRedundancy antiRedundancy, @Nullable AggregateMlp mlp) {
        this.antiRedundancy = antiRedundancy;
        this.mlp = mlp;
    }

    /** What both parts keep. */
    record Kept(Consolidation layer, Context context, AntiRedundancy.Kept shallow, AggregateMlp.@Nullable Kept mlp)
            implements Step {
        /**
         * Adds the gradients of the parameters.
         *
         * @param gradResult [positions, width], overwritten
         * @param gradStates [K + 1, positions, width], overwritten
         */
        void backward(INDArray gradResult, INDArray gradStates) {
            Memory memory = context.memory();
            memory.ops().copy(gradResult, Reduction.slice(memory, gradStates, gradStates.size(0) - 1));
            try (Arena.Scope scope = memory.scratch().scope()) {
                INDArray gradSum = mlp == null ? gradResult : mlp.backward(gradResult);
                layer.antiRedundancy.backward(shallow, gradSum, gradStates);
            }
        }
    }

    /**
     * Consolidates and keeps nothing.
     *
     * @param states [K + 1, positions, width], the guide last
     * @param result [positions, width], overwritten
     */
    void infer(INDArray states, Context context, INDArray result) {
        Memory memory = context.memory();
        try (Arena.Scope scope = memory.scratch().scope()) {
            if (mlp == null) {
                antiRedundancy.forward(memory, states, result, memory.scratch());
            } else {
                INDArray sum = memory.scratch().array(result.shape());
                antiRedundancy.forward(memory, states, sum, memory.scratch());
                mlp.infer(sum, context, result);
            }
            addGuide(memory, states, result);
        }
    }

    /** Consolidates and keeps what the backward pass needs, in the step arena. Arguments as in {@link #infer}, states kept. */
    Kept forward(INDArray states, Context context, INDArray result) {
        Memory memory = context.memory();
        INDArray sum = mlp == null ? result : memory.step().array(result.shape());
        AntiRedundancy.Kept shallow = antiRedundancy.forward(memory, states, sum, memory.step());
        AggregateMlp.@Nullable Kept mlpStep = mlp == null ? null : mlp.forward(sum, context, result);
        addGuide(memory, states, result);
        return new Kept(this, context, shallow, mlpStep);
    }

    private static void addGuide(Memory memory, INDArray states, INDArray result) {
        Ops ops = memory.ops();
        ops.add(result, Reduction.slice(memory, states, states.size(0) - 1), result);
    }

    List<Parameter> parameters() {
        List<Parameter> all = new ArrayList<>(antiRedundancy.parameters());
        if (mlp != null) {
            all.addAll(mlp.parameters());
        }
        return all;
    }
}
