package io.github.sherl4j.head;

import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.L2Norm;
import io.github.sherl4j.layer.LayerStep;
import io.github.sherl4j.layer.Linear;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.Check;
import io.github.sherl4j.nd.Memory;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Features that their network was trained to compare by the cosine, such as CLIP's, as embeddings: each divided by its length.
 * Where samples belong to wholes, as frames to a video, these unit vectors are averaged, and the mean is divided by its length
 * again; that is the similarity without parameters ("mean pooling") of the paper's video system.
 */
public final class FeatureHead implements Head {
    private static final double EPS = 1e-12;

    private final long width;
    private final @Nullable Linear linear;
    private final L2Norm norm = new L2Norm(EPS);

    private FeatureHead(long width, @Nullable Linear linear) {
        Check.argument(width >= 1, "width must be at least 1, but is %s", width);
        this.width = width;
        this.linear = linear;
    }

    /**
     * A head without parameters.
     *
     * @param width length of a feature
     */
    public static FeatureHead of(long width) {
        return new FeatureHead(width, null);
    }

    /**
     * A head that learns one linear layer on the features, which starts as the identity: so training starts from what the
     * network says by itself.
     *
     * @param name what the parameters' names start with
     * @param width length of a feature
     */
    public static FeatureHead linear(String name, long width, DataType type) {
        INDArray weight = Nd4j.create(type, width, width);
        for (long i = 0; i < width; i++) {
            weight.putScalar(i, i, 1);
        }
        Parameter bias = Parameter.unregularized(name + ".linear.bias", Nd4j.create(type, width));
        return new FeatureHead(width, new Linear(Parameter.weight(name + ".linear.weight", weight), bias));
    }

    /** The steps that there are; without wholes a feature is normalised once. */
    private record Kept(
            FeatureHead head,
            Context context,
            @Nullable LayerStep linear,
            LayerStep norm,
            @Nullable LayerStep meanNorm) implements HeadStep {
        @Override
        public void backwardToParameters(INDArray gradEmbeddings) {
            if (linear != null) {
                try (Arena.Scope scope = context.memory().scratch().scope()) {
                    linear.backward(toFeatures(gradEmbeddings));
                }
            }
        }

        @Override
        public INDArray backward(INDArray gradEmbeddings) {
            INDArray gradient = toFeatures(gradEmbeddings);
            return linear == null ? gradient : linear.backward(gradient);
        }

        private INDArray toFeatures(INDArray gradEmbeddings) {
            INDArray shares = context.sampleShares();
            if (meanNorm == null || shares == null) {
                return norm.backward(gradEmbeddings);
            }
            Memory memory = context.memory();
            INDArray gradSamples = memory.scratch().array(shares.size(1), head.width);
            memory.ops().product(shares, meanNorm.backward(gradEmbeddings), gradSamples, true, false, 1, 0);
            return norm.backward(gradSamples);
        }
    }

    @Override
    public long outputWidth() {
        return width;
    }

    /** As the interface says, for features [samples, width]; the result has a row for each sample, or each whole. */
    @Override
    public void infer(INDArray states, Context context, INDArray result) {
        Memory memory = context.memory();
        INDArray shares = context.sampleShares();
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray features = memory.scratch().array(checked(states).shape());
            if (linear == null) {
                memory.ops().copy(states, features);
            } else {
                linear.infer(states, context, features);
            }
            norm.infer(features, context, shares == null ? result : features);
            if (shares != null) {
                memory.ops().product(shares, features, result);
                norm.infer(result, context, result);
            }
        }
    }

    /** As the interface says, for features [samples, width]. The step's backward passes overwrite their argument. */
    @Override
    public HeadStep forward(INDArray states, Context context, INDArray result) {
        Memory memory = context.memory();
        INDArray shares = context.sampleShares();
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray features = memory.scratch().array(checked(states).shape());
            LayerStep linearStep = linear == null ? null : linear.forward(states, context, features);
            LayerStep normStep =
                    norm.forward(linear == null ? states : features, context, shares == null ? result : features);
            LayerStep meanNormStep = null;
            if (shares != null) {
                memory.ops().product(shares, features, result);
                meanNormStep = norm.forward(result, context, result);
            }
            return new Kept(this, context, linearStep, normStep, meanNormStep);
        }
    }

    private INDArray checked(INDArray states) {
        Check.shape("features", states, Check.ANY, width);
        return states;
    }

    @Override
    public List<Parameter> parameters() {
        return linear == null ? List.of() : linear.parameters();
    }
}
