/**
 * Layers, one a file: what each computes, what it keeps, and its gradients.
 *
 * <p>{@code infer} keeps nothing. {@code forward} returns a {@link io.github.sherl4j.layer.Step}: a record whose arrays are
 * exactly what the backward pass needs. A layer with a frozen weight does not keep its input, since nobody asks for that
 * weight's gradient; whether a {@link io.github.sherl4j.layer.Parameter} is trainable is its own property, so the same
 * layer serves as frozen, partly trainable or wholly trained.
 */
@NullMarked
package io.github.sherl4j.layer;

import org.jspecify.annotations.NullMarked;
