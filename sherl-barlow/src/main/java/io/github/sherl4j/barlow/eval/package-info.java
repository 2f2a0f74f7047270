/**
 * What a pre-trained network is worth, measured as the paper measures it: by a {@linkplain io.github.sherl4j.barlow.eval.LinearProbe
 * linear probe} and {@linkplain io.github.sherl4j.barlow.eval.NearestNeighbours nearest neighbours} of its frozen {@linkplain
 * io.github.sherl4j.barlow.eval.Features features}, and by {@linkplain io.github.sherl4j.barlow.eval.FineTuning fine-tuning} with
 * few labels.
 */
@NullMarked
package io.github.sherl4j.barlow.eval;

import org.jspecify.annotations.NullMarked;
