package io.github.sherl4j.train;

import io.github.sherl4j.data.BatchSource;
import io.github.sherl4j.nd.Rng;
import io.github.sherl4j.route.Model;

/**
 * Adds the gradient of one batch after another to a model's parameters, each batch in parts.
 *
 * @param <B> a batch
 */
final class BatchGradient<B extends AutoCloseable> {
    private final Model<B> model;
    private final BatchSource<B> source;
    private final int accumulation;
    private final long seed;

    /** Neither model nor source is closed here. */
    BatchGradient(Model<B> model, BatchSource<B> source, int accumulation, long seed) {
        this.model = model;
        this.source = source;
        this.accumulation = accumulation;
        this.seed = seed;
    }

    /**
     * Adds the gradient of the mean loss of a batch.
     *
     * @param indices examples of the batch; with fewer examples than parts, each is a part
     * @param iteration the step, whose number seeds its dropout
     * @return the mean loss
     */
    double add(int[] indices, int iteration) {
        int parts = Math.min(accumulation, indices.length);
        long stepSeed = Rng.derive(seed, iteration);
        double loss = 0;
        int end = 0;
        for (int part = 0; part < parts; part++) {
            int start = end;
            int rest = parts - part;
            // The parts with one example more come first, so that memory, sized by the first, suits the others.
            end += (indices.length - start + rest - 1) / rest;
            double weight = (end - start) / (double) indices.length;
            loss += weight * add(indices, start, end, weight, Rng.derive(stepSeed, part));
        }
        return loss;
    }

    // Whether closing can be interrupted is for the kind of batch to say.
    @SuppressWarnings("try")
    private double add(int[] indices, int start, int end, double weight, long partSeed) {
        try (B batch = source.part(indices, start, end)) {
            return model.accumulate(batch, weight, partSeed);
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException("The batch could not be closed", e);
        }
    }
}
