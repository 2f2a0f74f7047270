/** T5 (Raffel et al. 2020) in its versions 1.0 and 1.1, and what has its shape, such as FLAN-T5 and mT5. */
@NullMarked
package io.github.sherl4j.backbone.t5;

import org.jspecify.annotations.NullMarked;
