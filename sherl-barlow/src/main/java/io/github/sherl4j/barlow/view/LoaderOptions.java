package io.github.sherl4j.barlow.view;

import io.github.sherl4j.nd.Check;

/**
 * How batches of views are made ahead of training.
 *
 * @param batchSize pictures in a batch, at least 2: a batch norm over one picture has no variance
 * @param threads how many pictures are worked on at once, at least 1; results do not depend on it
 * @param prefetch how many batches may wait ready, at least 1
 * @param seed decides the order of the pictures and all that happens to them
 */
public record LoaderOptions(int batchSize, int threads, int prefetch, long seed) {
    /** Checks the numbers. */
    public LoaderOptions {
        Check.argument(
                batchSize >= 2,
                "batchSize must be at least 2, since what batch norm divides by is the variance within a batch,"
                        + " but is %s",
                batchSize);
        Check.argument(threads >= 1, "threads must be at least 1, but are %s", threads);
        Check.argument(prefetch >= 1, "prefetch must be at least 1, but is %s", prefetch);
    }

    /** As many threads as there are processors, two batches ahead, seed 42. */
    public static LoaderOptions of(int batchSize) {
        return new LoaderOptions(batchSize, Runtime.getRuntime().availableProcessors(), 2, 42);
    }

    /** These options with another number of threads. */
    public LoaderOptions withThreads(int count) {
        return new LoaderOptions(batchSize, count, prefetch, seed);
    }

    /** These options with another number of batches ahead. */
    public LoaderOptions withPrefetch(int count) {
        return new LoaderOptions(batchSize, threads, count, seed);
    }

    /** These options with another seed. */
    public LoaderOptions withSeed(long other) {
        return new LoaderOptions(batchSize, threads, prefetch, other);
    }
}
