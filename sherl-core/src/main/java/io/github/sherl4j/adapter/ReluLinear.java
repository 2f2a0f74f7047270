package io.github.sherl4j.adapter;

import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.Linear;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.nd.Ops;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/** {@code y = linear(relu(x))} for each row. The backward pass computes the relu again instead of keeping it beside x. */
final class ReluLinear {
    private final Linear linear;

    ReluLinear(Linear linear) {
        this.linear = linear;
    }

    /**
     * Computes.
     *
     * @param x [rows, in], not modified
     * @param result [rows, out], overwritten
     */
    void compute(INDArray x, Context context, INDArray result) {
        Memory memory = context.memory();
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray active = memory.scratch().array(x.shape());
            memory.ops().relu(x, active);
            linear.infer(active, context, result);
        }
    }

    /**
     * Adds the gradients of the parameters and, if asked for, of x.
     *
     * @param x [rows, in] of the forward pass, not modified
     * @param gradResult [rows, out], not modified
     * @param gradX [rows, in], added to; null if it is not asked for
     */
    void addGradients(Memory memory, INDArray x, INDArray gradResult, @Nullable INDArray gradX) {
        Ops ops = memory.ops();
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray active = memory.scratch().array(x.shape());
            ops.relu(x, active);
            linear.addGradients(memory, active, gradResult);
            if (gradX != null) {
                linear.inputGradient(memory, gradResult, active, 0);
                ops.reluGradient(x, active, active);
                ops.add(gradX, active, gradX);
            }
        }
    }

    List<Parameter> parameters() {
        return linear.parameters();
    }
}
