/** Losses: pure functions that return value and gradient together. */
@NullMarked
package io.github.sherl4j.loss;

import org.jspecify.annotations.NullMarked;
