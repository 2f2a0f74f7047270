package io.github.sherl4j.barlow;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Gradients of the loss with respect to the embeddings that were given.
 *
 * @param first [batch, width], view 1
 * @param second [batch, width], view 2
 */
public record LossGradients(INDArray first, INDArray second) {}
