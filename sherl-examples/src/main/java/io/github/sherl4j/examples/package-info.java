/** Programs that use the libraries on real data and real weights, one main class for each use. */
@NullMarked
package io.github.sherl4j.examples;

import org.jspecify.annotations.NullMarked;
