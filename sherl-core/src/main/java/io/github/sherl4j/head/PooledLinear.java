package io.github.sherl4j.head;

import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.Linear;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.Memory;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Pooled states, then one linear layer. A mean of linear results is the linear result of the mean, so pooling first costs
 * less and gives the same.
 */
final class PooledLinear implements Head {
    private final Pooling pooling;
    private final Linear linear;

    PooledLinear(Pooling pooling, Linear linear) {
        this.pooling = pooling;
        this.linear = linear;
    }

    /** What a forward pass keeps: the pooled states. */
    @SuppressWarnings("ArrayRecordComponent") // a shape that nobody modifies
    record Kept(PooledLinear layer, Context context, INDArray pooled, long[] statesShape) implements HeadStep {
        @Override
        public void backwardToParameters(INDArray gradOutput) {
            layer.linear.addGradients(context.memory(), pooled, gradOutput);
        }

        @Override
        public INDArray backward(INDArray gradOutput) {
            Memory memory = context.memory();
            backwardToParameters(gradOutput);
            INDArray gradStates = memory.scratch().array(statesShape);
            try (Arena.Scope scope = memory.scratch().scope()) {
                INDArray gradPooled = memory.scratch().array(pooled.shape());
                layer.linear.inputGradient(memory, gradOutput, gradPooled, 0);
                layer.pooling.spread(gradPooled, context, memory.positions(gradStates));
            }
            return gradStates;
        }
    }

    @Override
    public void infer(INDArray states, Context context, INDArray result) {
        Memory memory = context.memory();
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray pooled = memory.scratch().array(states.size(0), states.size(-1));
            pooling.pool(memory.positions(states), context, pooled);
            linear.infer(pooled, context, result);
        }
    }

    @Override
    public Kept forward(INDArray states, Context context, INDArray result) {
        Memory memory = context.memory();
        INDArray pooled = memory.step().array(states.size(0), states.size(-1));
        pooling.pool(memory.positions(states), context, pooled);
        linear.infer(pooled, context, result);
        return new Kept(this, context, pooled, states.shape().clone());
    }

    @Override
    public long outputWidth() {
        return linear.outputShape(0)[0];
    }

    Pooling pooling() {
        return pooling;
    }

    @Override
    public List<Parameter> parameters() {
        return linear.parameters();
    }
}
