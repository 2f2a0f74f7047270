/** Task heads: what stands between the last hidden states and the loss. */
@NullMarked
package io.github.sherl4j.head;

import org.jspecify.annotations.NullMarked;
