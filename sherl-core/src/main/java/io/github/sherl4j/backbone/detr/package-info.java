/** MDETR (Kamath et al. 2021): DETR's encoder and decoder over a picture and a text at once, and the networks in front of them. */
@NullMarked
package io.github.sherl4j.backbone.detr;

import org.jspecify.annotations.NullMarked;
