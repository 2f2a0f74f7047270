/**
 * Networks that Deeplearning4j users have, {@code ComputationGraph}, {@code MultiLayerNetwork} and {@code SameDiff}, as frozen
 * backbones: the part before a cut runs in inference and keeps nothing, the part behind it lets gradients through. The
 * user's network is not modified: layers compute on the user's weights, but in instances of their own.
 */
@NullMarked
package io.github.sherl4j.backbone.dl4j;

import org.jspecify.annotations.NullMarked;
