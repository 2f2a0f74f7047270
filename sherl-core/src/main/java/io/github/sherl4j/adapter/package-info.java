/**
 * The adapter of SHERL: reductions of the tapped states, their anti-redundant consolidation, expansion and gate (section
 * 3.2 of the paper, the multi-tiered sensing adapter).
 */
@NullMarked
package io.github.sherl4j.adapter;

import org.jspecify.annotations.NullMarked;
