/** CLIP's two towers (Radford et al. 2021): a vision transformer and a causal text transformer. */
@NullMarked
package io.github.sherl4j.backbone.clip;

import org.jspecify.annotations.NullMarked;
