package io.github.sherl4j.head;

import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.LayerFactory;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.nd.Rng;
import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** One number for each text, such as a similarity or a grade: pooled states, then one linear layer. */
public final class RegressionHead implements Head {
    private final PooledLinear projection;

    /**
     * A new head, weights and bias uniform in +-1/sqrt(width).
     *
     * @param width length of a hidden state
     * @param seed equal seeds give equal parameters
     */
    public RegressionHead(Pooling pooling, long width, DataType type, long seed) {
        try (Rng rng = new Rng(seed)) {
            projection = new PooledLinear(pooling, new LayerFactory(type, rng).linear("head.linear", width, 1));
        }
    }

    @Override
    public long outputWidth() {
        return 1;
    }

    /** As the interface says; the result are predictions [batch, 1]. */
    @Override
    public void infer(INDArray states, Context context, INDArray predictions) {
        projection.infer(states, context, predictions);
    }

    /** As the interface says; the result are predictions [batch, 1], and the pooled states are kept. */
    @Override
    public HeadStep forward(INDArray states, Context context, INDArray predictions) {
        return projection.forward(states, context, predictions);
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
