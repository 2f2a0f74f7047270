package io.github.sherl4j.head;

import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.L2Norm;
import io.github.sherl4j.layer.LayerFactory;
import io.github.sherl4j.layer.LayerStep;
import io.github.sherl4j.layer.Linear;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.nd.Rng;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A vector for each text or image, for retrieval: a linear layer, pooling over tokens, and division by the vector's length.
 * The published {@code text_fc} and {@code image_fc} are the linear layer, {@code text_agg} and {@code image_agg} the
 * pooling.
 */
public final class EmbeddingHead implements Head {
    private final EmbeddingOptions options;
    private final Head projection;
    private final @Nullable L2Norm norm;

    /**
     * A new head with PyTorch's default initialisation.
     *
     * @param name what the parameters' names start with, so that the heads of two networks can be told apart
     * @param width length of a hidden state
     * @param seed equal seeds give equal parameters
     */
    public EmbeddingHead(String name, EmbeddingOptions options, long width, DataType type, long seed) {
        this.options = options;
        this.norm = options.normalize() ? new L2Norm(options.normEps()) : null;
        try (Rng rng = new Rng(seed)) {
            LayerFactory make = new LayerFactory(type, rng);
            Linear linear = make.linear(name + ".linear", width, options.embed());
            projection = switch (options.pooling()) {
                case GENERALIZED ->
                    new PooledProjection(
                            linear, new GeneralizedPooling(name + ".pooling", options.generalized(), make));
                case MEAN -> new PooledLinear(Pooling.MEAN, linear);
                case CLS -> new PooledLinear(Pooling.CLS, linear);
            };
        }
    }

    /** What a forward pass keeps. Its backward passes overwrite their argument. */
    private record Kept(HeadStep projection, @Nullable LayerStep norm) implements HeadStep {
        @Override
        public void backwardToParameters(INDArray gradEmbeddings) {
            projection.backwardToParameters(norm == null ? gradEmbeddings : norm.backward(gradEmbeddings));
        }

        @Override
        public INDArray backward(INDArray gradEmbeddings) {
            return projection.backward(norm == null ? gradEmbeddings : norm.backward(gradEmbeddings));
        }
    }

    /** Length of the vector. */
    @Override
    public long outputWidth() {
        return options.embed();
    }

    /** As the interface says, for states [batch, tokens, width]; the result are embeddings [batch, embed]. */
    @Override
    public void infer(INDArray states, Context context, INDArray embeddings) {
        projection.infer(states, context, embeddings);
        if (norm != null) {
            norm.infer(embeddings, context, embeddings);
        }
    }

    /**
     * As the interface says, for states [batch, tokens, width]. With generalized pooling the states are kept by reference,
     * so they have to live as long as the step. The step's backward passes overwrite their argument.
     */
    @Override
    public HeadStep forward(INDArray states, Context context, INDArray embeddings) {
        HeadStep step = projection.forward(states, context, embeddings);
        return new Kept(step, norm == null ? null : norm.forward(embeddings, context, embeddings));
    }

    /** The options. */
    public EmbeddingOptions options() {
        return options;
    }

    /** Those of the linear layer, then those of the pooling. */
    @Override
    public List<Parameter> parameters() {
        return projection.parameters();
    }
}
