/**
 * Pre-training by Barlow Twins from pictures to a saved backbone: {@link io.github.sherl4j.barlow.pretrain.Pretraining} runs it,
 * with checkpoints that a training goes on from as if it had never stopped.
 */
@NullMarked
package io.github.sherl4j.barlow.pretrain;

import org.jspecify.annotations.NullMarked;
