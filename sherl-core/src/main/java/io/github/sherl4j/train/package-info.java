/**
 * Training: {@link io.github.sherl4j.train.Trainer} fits any {@link io.github.sherl4j.route.Model} to a data set as
 * {@link io.github.sherl4j.train.TrainConfig} says, and tells {@linkplain io.github.sherl4j.train.TrainListener listeners}
 * how it goes.
 *
 * <p>Updaters and learning rate schedules are ND4J's own types, so those of ND4J and of an application fit in, and the
 * {@linkplain io.github.sherl4j.train.Schedules schedules} made here work inside any DL4J network.
 */
@NullMarked
package io.github.sherl4j.train;

import org.jspecify.annotations.NullMarked;
