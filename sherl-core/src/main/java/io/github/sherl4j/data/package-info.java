/**
 * Texts on their way into a model: labelled examples from CSV and TSV files ({@link io.github.sherl4j.data.TextData}),
 * their tokens ({@link io.github.sherl4j.data.TextTokenizer}), and padded batches of similar length
 * ({@link io.github.sherl4j.data.TokenizedData}, {@link io.github.sherl4j.data.TokenBatch}).
 *
 * <p>Everything random here comes from a seed in the argument list: equal seeds give equal results.
 */
@NullMarked
package io.github.sherl4j.data;

import org.jspecify.annotations.NullMarked;
