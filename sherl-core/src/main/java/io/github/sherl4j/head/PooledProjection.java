package io.github.sherl4j.head;

import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.Linear;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.Memory;
import java.util.List;
import java.util.stream.Stream;
import org.nd4j.linalg.api.ndarray.INDArray;

/** One linear layer on each token, then the generalized pooling of its results. */
final class PooledProjection implements Head {
    private final Linear linear;
    private final GeneralizedPooling pooling;

    PooledProjection(Linear linear, GeneralizedPooling pooling) {
        this.linear = linear;
        this.pooling = pooling;
    }

    /** What a forward pass keeps: the states by reference, the projected ones in the pooling's step. */
    record Kept(PooledProjection layer, Context context, INDArray states, GeneralizedPooling.Kept pooling)
            implements HeadStep {
        @Override
        public void backwardToParameters(INDArray gradOutput) {
            Memory memory = context.memory();
            try (Arena.Scope scope = memory.scratch().scope()) {
                layer.linear.addGradients(memory, states, pooling.backward(gradOutput));
            }
        }

        @Override
        public INDArray backward(INDArray gradOutput) {
            Memory memory = context.memory();
            INDArray gradStates = memory.scratch().array(states.shape());
            try (Arena.Scope scope = memory.scratch().scope()) {
                INDArray gradProjected = pooling.backward(gradOutput);
                layer.linear.addGradients(memory, states, gradProjected);
                layer.linear.inputGradient(memory, gradProjected, gradStates, 0);
            }
            return gradStates;
        }
    }

    @Override
    public long outputWidth() {
        return linear.outputShape(0)[0];
    }

    @Override
    public void infer(INDArray states, Context context, INDArray result) {
        Arena scratch = context.memory().scratch();
        try (Arena.Scope scope = scratch.scope()) {
            INDArray projected = scratch.array(linear.outputShape(states.shape()));
            linear.infer(states, context, projected);
            pooling.infer(context.memory().positions(projected), context, result);
        }
    }

    @Override
    public Kept forward(INDArray states, Context context, INDArray result) {
        INDArray projected = context.memory().step().array(linear.outputShape(states.shape()));
        linear.infer(states, context, projected);
        return new Kept(this, context, states, pooling.forward(context.memory().positions(projected), context, result));
    }

    @Override
    public List<Parameter> parameters() {
        return Stream.concat(linear.parameters().stream(), pooling.parameters().stream())
                .toList();
    }
}
