/**
 * Texts and pictures on their way into a model.
 *
 * <p>Texts: labelled examples from CSV and TSV files ({@link io.github.sherl4j.data.TextData}),
 * their tokens ({@link io.github.sherl4j.data.TextTokenizer}), and padded batches of similar length
 * ({@link io.github.sherl4j.data.TokenizedData}, {@link io.github.sherl4j.data.TokenBatch}).
 *
 * <p>Pictures: 8-bit red, green, blue or grey by number ({@link io.github.sherl4j.data.ImageSource}: a folder, IDX files, a
 * sprite sheet), cut out and normalised ({@link io.github.sherl4j.data.ImageTransform}), in batches with channels last
 * ({@link io.github.sherl4j.data.ImageData}, {@link io.github.sherl4j.data.ImageBatch}).
 *
 * <p>Everything random here comes from a seed in the argument list: equal seeds give equal results.
 */
@NullMarked
package io.github.sherl4j.data;

import org.jspecify.annotations.NullMarked;
