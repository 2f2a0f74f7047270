/** The vision transformer (Dosovitskiy et al. 2021). */
@NullMarked
package io.github.sherl4j.backbone.vit;

import org.jspecify.annotations.NullMarked;
