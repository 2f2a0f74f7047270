package io.github.sherl4j.layer;

import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.Memory;
import java.util.List;
import java.util.stream.Stream;
import org.nd4j.linalg.api.ndarray.INDArray;

/** {@code y = x + branch(norm(x))}: the part of which transformers with norms before their layers are made. */
public final class Residual implements BranchLayer {
    private final Layer norm;
    private final BranchLayer branch;

    /**
     * A layer of both.
     *
     * @param norm whose forward pass does not keep its input, and whose backward pass overwrites its argument with the result
     */
    public Residual(Layer norm, BranchLayer branch) {
        this.norm = norm;
        this.branch = branch;
    }

    private record Kept(Context context, LayerStep norm, LayerStep branch) implements LayerStep {
        @Override
        public INDArray backward(INDArray gradOutput) {
            Memory memory = context.memory();
            try (Arena.Scope scope = memory.scratch().scope()) {
                memory.ops().add(gradOutput, norm.backward(branch.backward(gradOutput)), gradOutput);
            }
            return gradOutput;
        }
    }

    /** As the interface says; the result may be the input. */
    @Override
    public void infer(INDArray input, Context context, INDArray result) {
        Memory memory = context.memory();
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray state = memory.scratch().array(input.shape());
            norm.infer(input, context, state);
            branch.infer(state, context, state);
            memory.ops().add(input, state, result);
        }
    }

    /** As the interface says; the result may be the input. The step's backward pass overwrites its argument with the result. */
    @Override
    public LayerStep forward(INDArray input, Context context, INDArray result) {
        Memory memory = context.memory();
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray state = memory.scratch().array(input.shape());
            INDArray normed = branch.keepsInput() ? memory.step().array(input.shape()) : state;
            LayerStep normStep = norm.forward(input, context, normed);
            INDArray change = branch.keepsInput() ? state : memory.scratch().array(input.shape());
            LayerStep branchStep = branch.forward(normed, context, change);
            memory.ops().add(input, change, result);
            return new Kept(context, normStep, branchStep);
        }
    }

    @Override
    public Stepwise stepwise(Arena lifetime, Context context, long batch, long maxTokens) {
        Stepwise inner = branch.stepwise(lifetime, context, batch, maxTokens);
        return (input, now, result) -> {
            Memory memory = now.memory();
            try (Arena.Scope scope = memory.scratch().scope()) {
                INDArray state = memory.scratch().array(input.shape());
                norm.infer(input, now, state);
                inner.next(state, now, state);
                memory.ops().add(input, state, result);
            }
        };
    }

    /** The sum needs no input, and the norm keeps its result. */
    @Override
    public boolean keepsInput() {
        return false;
    }

    @Override
    public List<Parameter> parameters() {
        return Stream.concat(norm.parameters().stream(), branch.parameters().stream())
                .toList();
    }
}
