package io.github.sherl4j.examples;

import io.github.sherl4j.backbone.Backbone;
import io.github.sherl4j.data.LabelledBatch;
import io.github.sherl4j.data.LabelledSource;
import io.github.sherl4j.route.SherlConfig;

/**
 * A network with random weights, and what it is fed.
 *
 * @param <B> a batch
 */
interface BenchmarkNetwork<B extends LabelledBatch> {
    /** Seed of weights and inputs. */
    long SEED = 1;

    /** Examples in a batch. */
    int batch();

    /** A network that stays frozen, owned by the caller. */
    Backbone<B> frozen();

    /** A network that learns as a whole, owned by the caller. */
    Backbone<B> trainable();

    /** How SHERL is laid over it, without dropout, which the other methods do not have either. */
    SherlConfig sherl();

    /** Random inputs of one size, with random labels of two classes. */
    LabelledSource<B> data(int examples);
}
