/**
 * What SHERL asks of a pre-trained network: early states by index, late blocks to run forward and backward, and all
 * parameters. Each kind of network has a package of its own below this one, with its configuration and its names in files.
 */
@NullMarked
package io.github.sherl4j.backbone;

import org.jspecify.annotations.NullMarked;
