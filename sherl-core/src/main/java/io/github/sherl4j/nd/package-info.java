/**
 * The one place that knows ND4J's quirks: native memory in {@link io.github.sherl4j.nd.Arena arenas}, operations
 * {@linkplain io.github.sherl4j.nd.Ops launched} without native garbage, products at full BLAS speed, softmax, norms and
 * GELU with their gradients, seeded randomness, and the {@linkplain io.github.sherl4j.nd.MemoryMeter meter} of native
 * memory. It knows no layer and no model.
 */
@NullMarked
package io.github.sherl4j.nd;

import org.jspecify.annotations.NullMarked;
