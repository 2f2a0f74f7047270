/**
 * Named arrays and the files that hold them; knows no model.
 *
 * <ul>
 *   <li>{@link io.github.sherl4j.weights.WeightSource}: the named tensors of one file, read one at a time.
 *   <li>{@link io.github.sherl4j.weights.SafeTensors}: safetensors files, read and written; the format stands in its
 *       Javadoc.
 *   <li>{@link io.github.sherl4j.weights.OnnxWeights}: the initializers of an ONNX model, read only.
 *   <li>{@link io.github.sherl4j.weights.WeightReport}: which tensors a model wants and a file lacks.
 * </ul>
 *
 * <p>Every array that is read belongs to the caller. Malformed content is an {@link IllegalArgumentException} whose
 * message begins with the file; an {@link java.io.IOException} (or {@link java.io.UncheckedIOException}) means that the
 * file system failed.
 */
@NullMarked
package io.github.sherl4j.weights;

import org.jspecify.annotations.NullMarked;
