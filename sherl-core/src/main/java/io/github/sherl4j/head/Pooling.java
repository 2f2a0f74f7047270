package io.github.sherl4j.head;

import io.github.sherl4j.layer.Context;
import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.nd.Ops;
import org.nd4j.linalg.api.ndarray.INDArray;

/** From the states of all tokens [batch, tokens, width] to one vector for each text [batch, width]. */
public enum Pooling {
    /** The state of the first token, as BERT was pre-trained for. */
    CLS {
        @Override
        public void pool(INDArray states, Context context, INDArray result) {
            Memory memory = context.memory();
            memory.ops().copy(memory.firstToken(states), result);
        }

        @Override
        public void spread(INDArray gradient, Context context, INDArray gradStates) {
            Memory memory = context.memory();
            memory.ops().zero(gradStates);
            memory.ops().copy(gradient, memory.firstToken(gradStates));
        }
    },
    /** The mean over all tokens that are no padding, as sentence encoders such as MiniLM were trained for. */
    MEAN {
        @Override
        public void pool(INDArray states, Context context, INDArray result) {
            Memory memory = context.memory();
            long batch = states.size(0);
            try (Arena.Scope scope = memory.scratch().scope()) {
                INDArray shares = memory.reshape(shares(states, context), batch, 1, states.size(1));
                memory.ops().product(shares, states, memory.reshape(result, batch, 1, states.size(2)));
            }
        }

        @Override
        public void spread(INDArray gradient, Context context, INDArray gradStates) {
            Memory memory = context.memory();
            long batch = gradStates.size(0);
            try (Arena.Scope scope = memory.scratch().scope()) {
                INDArray shares = memory.reshape(shares(gradStates, context), batch, gradStates.size(1), 1);
                memory.ops().product(shares, memory.reshape(gradient, batch, 1, gradStates.size(2)), gradStates);
            }
        }
    };

    /**
     * Pools.
     *
     * @param states [batch, tokens, width], not modified
     * @param result [batch, width], overwritten
     */
    public abstract void pool(INDArray states, Context context, INDArray result);

    /**
     * The gradient of {@link #pool}.
     *
     * @param gradient [batch, width], not modified
     * @param gradStates [batch, tokens, width], overwritten
     */
    public abstract void spread(INDArray gradient, Context context, INDArray gradStates);

    /** Each token's share in the mean, [batch, tokens]. */
    private static INDArray shares(INDArray states, Context context) {
        Memory memory = context.memory();
        Ops ops = memory.ops();
        INDArray shares = memory.scratch().array(states.size(0), states.size(1));
        INDArray counts = memory.scratch().array(states.size(0), 1);
        if (context.mask() == null) {
            ops.zero(shares);
            ops.add(shares, 1, shares);
        } else {
            ops.copy(context.mask(), shares);
        }
        ops.sumRows(shares, counts);
        ops.divide(shares, counts, shares);
        return shares;
    }
}
