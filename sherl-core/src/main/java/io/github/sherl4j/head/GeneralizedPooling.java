package io.github.sherl4j.head;

import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.LayerFactory;
import io.github.sherl4j.layer.LayerStep;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.Check;
import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.nd.RankedSum;
import io.github.sherl4j.nd.Rng;
import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The generalized pooling operator (Chen et al. 2021): each channel's numbers over the tokens of an example are sorted, the
 * largest first, and added with learned weights, which depend on the place and on the number of tokens. The mean and the
 * maximum are two of the poolings that it can learn.
 *
 * <p>Padding stands behind the tokens; of a mask only the number of tokens is read. Sorting is done on the host.
 */
public final class GeneralizedPooling implements AutoCloseable {
    /**
     * Sizes of the network that makes the weights.
     *
     * @param positionWidth length of a place's encoding, even
     * @param hidden length of a state in each direction
     * @param temperature what scores are divided by before the softmax
     */
    public record Options(int positionWidth, int hidden, double temperature) {
        /** Checks. */
        public Options {
            Check.argument(
                    positionWidth > 0 && positionWidth % 2 == 0,
                    "positionWidth must be positive and even, but is %s",
                    positionWidth);
            Check.argument(hidden > 0, "hidden must be positive, but is %s", hidden);
            Check.argument(temperature > 0, "temperature must be positive, but is %s", temperature);
        }

        /** As published: 32, 32, 0.1. */
        public static Options defaults() {
            return new Options(32, 32, 0.1);
        }
    }

    private final PoolingWeights weights;

    /**
     * A new operator with PyTorch's default initialisation.
     *
     * @param name what the parameters' names start with
     * @param seed equal seeds give equal parameters
     */
    public GeneralizedPooling(String name, Options options, DataType type, long seed) {
        try (Rng rng = new Rng(seed)) {
            weights = new PoolingWeights(name, options, new LayerFactory(type, rng));
        }
    }

    GeneralizedPooling(String name, Options options, LayerFactory make) {
        weights = new PoolingWeights(name, options, make);
    }

    /** What a forward pass keeps: the features, by reference, and what the weights came from. */
    public record Kept(
            GeneralizedPooling pooling,
            Context context,
            INDArray features,
            Lengths lengths,
            PoolingWeights.Kept weights)
            implements LayerStep {
        @Override
        public INDArray backward(INDArray gradOutput) {
            Memory memory = context.memory();
            INDArray gradFeatures = memory.scratch().array(features.shape());
            double[][] read = lengths.read(weights.weights());
            double[][] gradients = RankedSum.gradient(memory, features, read, gradOutput, gradFeatures);
            if (pooling.parameters().stream().anyMatch(Parameter::trainable)) {
                INDArray gradWeights = memory.hostArray(weights.weights().shape());
                lengths.write(gradients, gradWeights);
                weights.backward(gradWeights);
            }
            return gradFeatures;
        }
    }

    /**
     * Computes and keeps nothing.
     *
     * @param features [batch, tokens, width], not modified
     * @param context its mask, if any, [batch, tokens] with padding behind the tokens
     * @param result [batch, width], overwritten
     */
    public void infer(INDArray features, Context context, INDArray result) {
        Memory memory = context.memory();
        Lengths lengths = Lengths.of(features, context);
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray byLength = memory.scratch().array(lengths.distinct().length, lengths.longest());
            weights.infer(memory, lengths.distinct(), byLength);
            RankedSum.apply(memory, features, lengths.read(byLength), result);
        }
    }

    /**
     * Computes and keeps the features, which have to live as long as the step.
     *
     * @param features [batch, tokens, width], not modified, kept by reference
     * @param context its mask, if any, [batch, tokens] with padding behind the tokens
     * @param result [batch, width], overwritten
     * @return the step, whose backward pass returns the gradient of the features and leaves its argument alone
     */
    public Kept forward(INDArray features, Context context, INDArray result) {
        Lengths lengths = Lengths.of(features, context);
        PoolingWeights.Kept step = weights.forward(context.memory(), lengths.distinct());
        RankedSum.apply(context.memory(), features, lengths.read(step.weights()), result);
        return new Kept(this, context, features, lengths, step);
    }

    /** The parameters, under PyTorch's names. */
    public List<Parameter> parameters() {
        return weights.parameters();
    }

    /** Frees the parameters that no model has made trainable. */
    @Override
    public void close() {
        parameters().forEach(Parameter::close);
    }
}
