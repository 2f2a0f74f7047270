package io.github.sherl4j.layer;

import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What is added to attention scores for the positions of two tokens, the same for every sample and every layer.
 *
 * @param values [1, heads, queries, keys], with any strides
 * @param gradient [1, heads, queries, keys] in C order, to which every backward pass adds its own; null if the biases are frozen
 */
public record PositionBias(INDArray values, @Nullable INDArray gradient) {}
