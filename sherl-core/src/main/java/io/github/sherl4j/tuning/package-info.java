/** The methods that SHERL is compared with, on the same backbones, head and trainer. */
@NullMarked
package io.github.sherl4j.tuning;

import org.jspecify.annotations.NullMarked;
