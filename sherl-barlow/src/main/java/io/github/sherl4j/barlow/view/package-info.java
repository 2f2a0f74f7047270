/**
 * The two distorted views of each picture that Barlow Twins learns from.
 *
 * <p>{@link io.github.sherl4j.barlow.view.ViewOptions} says what may happen to a picture, {@link
 * io.github.sherl4j.barlow.view.ViewMaker} does it to one picture, {@link io.github.sherl4j.barlow.view.ViewLoader} to whole
 * batches ahead of training, and {@link io.github.sherl4j.barlow.view.ContactSheet} shows it to the eye. The operations are
 * those of the published training code, down to the rounding of each byte. What happens to a picture is decided by seed,
 * epoch, number of the picture and view alone, never by threads or time.
 */
@NullMarked
package io.github.sherl4j.barlow.view;

import org.jspecify.annotations.NullMarked;
