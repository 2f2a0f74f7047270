package io.github.sherl4j.backbone;

import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.LayerStep;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A backbone that was pre-trained to say one thing of each sample: a projection of one token of its last state. SHERL takes that
 * feature as the adapter's guide where the adapter stands on the output side only.
 *
 * @param <B> a batch of its inputs
 */
public interface FeatureBackbone<B> extends Backbone<B> {
    /** Length of a feature. */
    long featureWidth();

    /**
     * Computes the features and keeps nothing.
     *
     * @param lastState the result of the last block, [batch, tokens, width], not modified
     * @param context that of the batch
     * @param result [batch, feature width], overwritten
     */
    void feature(INDArray lastState, Context context, INDArray result);

    /**
     * Computes the features as in training and keeps what the backward pass needs, in the step arena.
     *
     * @param lastState the result of the last block, [batch, tokens, width], not modified
     * @param context that of the batch
     * @param result [batch, feature width], overwritten
     * @return its backward pass may overwrite its argument, and returns the gradient of the last state
     */
    LayerStep featureForward(INDArray lastState, Context context, INDArray result);
}
