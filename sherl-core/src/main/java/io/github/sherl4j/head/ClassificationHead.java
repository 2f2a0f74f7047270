package io.github.sherl4j.head;

import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.LayerFactory;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.nd.Check;
import io.github.sherl4j.nd.Rng;
import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Classes of texts: pooled states, then one linear layer. */
public final class ClassificationHead implements Head {
    private final PooledLinear projection;

    /**
     * A new head, weights and biases uniform in +-1/sqrt(width).
     *
     * @param width length of a hidden state
     * @param seed equal seeds give equal parameters
     */
    public ClassificationHead(Pooling pooling, long width, int classes, DataType type, long seed) {
        Check.argument(classes >= 2, "classes must be at least 2, but is %s", classes);
        try (Rng rng = new Rng(seed)) {
            projection = new PooledLinear(pooling, new LayerFactory(type, rng).linear("head.linear", width, classes));
        }
    }

    /** What a forward pass keeps: the pooled states. */
    public record Kept(HeadStep step) implements HeadStep {
        @Override
        public void backwardToParameters(INDArray gradLogits) {
            step.backwardToParameters(gradLogits);
        }

        @Override
        public INDArray backward(INDArray gradLogits) {
            return step.backward(gradLogits);
        }
    }

    /** Number of classes. */
    @Override
    public long outputWidth() {
        return projection.outputWidth();
    }

    /** As the interface says; the result are logits [batch, classes]. */
    @Override
    public void infer(INDArray states, Context context, INDArray logits) {
        projection.infer(states, context, logits);
    }

    /** As the interface says; the result are logits [batch, classes], and the pooled states are kept. */
    @Override
    public Kept forward(INDArray states, Context context, INDArray logits) {
        return new Kept(projection.forward(states, context, logits));
    }

    /** How tokens are pooled. */
    public Pooling pooling() {
        return projection.pooling();
    }

    /** Weight and bias. */
    @Override
    public List<Parameter> parameters() {
        return projection.parameters();
    }
}
