package io.github.sherl4j.head;

import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.LayerFactory;
import io.github.sherl4j.layer.Linear;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.Check;
import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.nd.Rng;
import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Classes of texts: pooled states, then one linear layer. */
public final class ClassificationHead implements Head {
    private final Pooling pooling;
    private final Linear linear;

    /**
     * A new head, weights and biases uniform in +-1/sqrt(width).
     *
     * @param width length of a hidden state
     * @param seed equal seeds give equal parameters
     */
    public ClassificationHead(Pooling pooling, long width, int classes, DataType type, long seed) {
        Check.argument(classes >= 2, "classes must be at least 2, but is %s", classes);
        this.pooling = pooling;
        try (Rng rng = new Rng(seed)) {
            linear = new LayerFactory(type, rng).linear("head.linear", width, classes);
        }
    }

    /** What a forward pass keeps: the pooled states. */
    public record Kept(ClassificationHead head, Context context, INDArray pooled, long tokens) implements HeadStep {
        @Override
        public void backwardToParameters(INDArray gradLogits) {
            head.linear.addGradients(context.memory(), pooled, gradLogits);
        }

        @Override
        public INDArray backward(INDArray gradLogits) {
            Memory memory = context.memory();
            backwardToParameters(gradLogits);
            INDArray gradStates = memory.scratch().array(pooled.size(0), tokens, pooled.size(1));
            try (Arena.Scope scope = memory.scratch().scope()) {
                INDArray gradPooled = memory.scratch().array(pooled.shape());
                head.linear.inputGradient(memory, gradLogits, gradPooled, 0);
                head.pooling.spread(gradPooled, context, gradStates);
            }
            return gradStates;
        }
    }

    /** Number of classes. */
    @Override
    public long outputWidth() {
        return linear.outputShape(0)[0];
    }

    /** As the interface says; the result are logits [batch, classes]. */
    @Override
    public void infer(INDArray states, Context context, INDArray logits) {
        Memory memory = context.memory();
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray pooled = memory.scratch().array(states.size(0), states.size(2));
            pooling.pool(states, context, pooled);
            linear.infer(pooled, context, logits);
        }
    }

    /** As the interface says; the result are logits [batch, classes], and the pooled states are kept. */
    @Override
    public Kept forward(INDArray states, Context context, INDArray logits) {
        INDArray pooled = context.memory().step().array(states.size(0), states.size(2));
        pooling.pool(states, context, pooled);
        linear.infer(pooled, context, logits);
        return new Kept(this, context, pooled, states.size(1));
    }

    /** How tokens are pooled. */
    public Pooling pooling() {
        return pooling;
    }

    /** Weight and bias. */
    @Override
    public List<Parameter> parameters() {
        return linear.parameters();
    }
}
