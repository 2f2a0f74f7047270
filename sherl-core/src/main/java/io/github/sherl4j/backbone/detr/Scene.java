package io.github.sherl4j.backbone.detr;

import io.github.sherl4j.layer.Context;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What all blocks read of a batch beside their states. Nothing of it is modified.
 *
 * @param context where to compute; its mask and bias are not looked at
 * @param positions [batch, positions, width], added where the picture and the text are queries or keys; zeros for the text
 * @param bias [batch, 1, 1, positions], added to the scores of attention to them; null if there is no padding
 * @param queries [batch, queries, width], added where the decoder's states are queries or keys
 */
public record Scene(
        Context context, INDArray positions, @Nullable INDArray bias, INDArray queries) {}
