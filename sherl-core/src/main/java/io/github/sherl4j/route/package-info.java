/**
 * How a frozen network, an adapter and a head are run together: the route of SHERL, models as a trainer sees them, and
 * text classifiers.
 */
@NullMarked
package io.github.sherl4j.route;

import org.jspecify.annotations.NullMarked;
