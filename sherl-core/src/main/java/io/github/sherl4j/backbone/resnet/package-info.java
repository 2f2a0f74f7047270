/** Residual networks of pictures, with torchvision's sizes and names in files. */
@NullMarked
package io.github.sherl4j.backbone.resnet;

import org.jspecify.annotations.NullMarked;
