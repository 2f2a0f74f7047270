/** Metrics that ND4J's {@code Evaluation} and {@code RegressionEvaluation} lack: retrieval and rank correlation. */
@NullMarked
package io.github.sherl4j.metric;

import org.jspecify.annotations.NullMarked;
