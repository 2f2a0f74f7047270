package io.github.sherl4j.data;

/**
 * A data set whose examples belong to classes.
 *
 * @param <B> a batch
 */
public interface LabelledSource<B extends LabelledBatch> extends BatchSource<B> {
    /** The class of an example. */
    int label(int index);
}
