/** CLIP-ViL (Shen et al. 2022): one transformer over a question's word pieces and a picture's features, as LXRT files have it. */
@NullMarked
package io.github.sherl4j.backbone.clipvil;

import org.jspecify.annotations.NullMarked;
