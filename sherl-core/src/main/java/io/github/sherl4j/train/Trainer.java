package io.github.sherl4j.train;

import io.github.sherl4j.data.BatchSource;
import io.github.sherl4j.data.GraphBatch;
import io.github.sherl4j.data.IteratorSource;
import io.github.sherl4j.layer.ParameterGroups;
import io.github.sherl4j.nd.Check;
import io.github.sherl4j.nd.Rng;
import io.github.sherl4j.route.Model;
import java.util.List;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.dataset.api.iterator.MultiDataSetIterator;
import org.nd4j.linalg.schedule.ISchedule;

/**
 * Trains models. A trainer keeps nothing from one training to the next, so it can be used again, by one thread at a time
 * if its listeners need that.
 */
public final class Trainer {
    /** Plans use the numbers of epochs, which are not negative. */
    private static final long DROPOUT = -1;

    private final TrainConfig config;
    private final List<TrainListener> listeners;

    /** A trainer that tells its listeners, in their order, how it goes. */
    public Trainer(TrainConfig config, TrainListener... listeners) {
        this.config = config;
        this.listeners = List.of(listeners);
    }

    /**
     * Trains a model.
     *
     * <p>Each epoch runs over all examples in an order of its own: each step adds up the gradients of its batch, clips
     * them, updates the parameters, and sets the gradients to zero again. Batches are closed as soon as they were used.
     * The updater's state lives as long as this call. The best weights wait in a temporary file, which is deleted in the
     * end, also after a failure.
     *
     * @param model not closed; its parameters are modified. After a failure they are those of the last step done
     * @param train the examples, not closed
     * @param validation run after each epoch; null for none, then the last weights are the result
     * @return what became of it
     * @throws IllegalArgumentException if there are no examples, or the configuration asks for patience and there is no
     *     validation
     * @throws DivergenceException if a loss or a gradient is not finite
     * @throws java.io.UncheckedIOException if the best weights cannot be written or read
     */
    public <B extends AutoCloseable> TrainReport fit(
            Model<B> model, BatchSource<B> train, @Nullable Validation validation) {
        Check.argument(
                config.patience() == 0 || validation != null,
                "patience is %s, which needs a validation, but there is none",
                config.patience());
        int stepsPerEpoch = plan(train, 0).size();
        Check.argument(stepsPerEpoch > 0, "train must have examples, but has %s", train.size());
        int totalSteps = Math.multiplyExact(stepsPerEpoch, config.epochs());
        ISchedule rates = config.rateShape().over(config.peakRate(), stepsPerEpoch, totalSteps);
        ParameterGroups parameters = model.parameters();
        Progress progress = new Progress();
        try (BestWeights best = new BestWeights(parameters.groups(), model.buffers())) {
            try (Optimizer optimizer = new Optimizer(parameters, config, rates)) {
                BatchGradient<B> gradient =
                        new BatchGradient<>(model, train, config.accumulation(), Rng.derive(config.seed(), DROPOUT));
                while (progress.epochs() < config.epochs() && !progress.stalled(config.patience())) {
                    model.startEpoch(progress.epochs());
                    runEpoch(plan(train, progress.epochs()), gradient, optimizer, progress, totalSteps);
                    validate(validation, best, progress);
                }
            }
            if (progress.bestEpoch() < progress.epochs()) {
                best.restore();
            }
        }
        return progress.report();
    }

    /**
     * Trains a model of a Deeplearning4j network on an iterator's batches, as the iterator makes them: the configuration's
     * batch size is not looked at, and its accumulation must be 1. Otherwise as above.
     */
    public TrainReport fit(Model<GraphBatch> model, DataSetIterator train, @Nullable Validation validation) {
        return fit(model, IteratorSource.of(train), validation);
    }

    /** The same for networks of several inputs or outputs. */
    public TrainReport fit(Model<GraphBatch> model, MultiDataSetIterator train, @Nullable Validation validation) {
        return fit(model, IteratorSource.of(train), validation);
    }

    private List<int[]> plan(BatchSource<?> train, int epoch) {
        return train.plan(config.batchSize(), Rng.derive(config.seed(), epoch));
    }

    private void runEpoch(
            List<int[]> batches, BatchGradient<?> gradient, Optimizer optimizer, Progress progress, int totalSteps) {
        int epoch = progress.epochs();
        for (int batch = 0; batch < batches.size(); batch++) {
            int[] indices = batches.get(batch);
            int iteration = progress.steps();
            long start = System.nanoTime();
            double loss;
            double norm;
            double rate;
            try {
                loss = gradient.add(indices, iteration);
                norm = optimizer.gradientNorm();
                if (!Double.isFinite(loss) || !Double.isFinite(norm)) {
                    throw new DivergenceException(epoch + 1, batch + 1, loss, norm);
                }
                rate = optimizer.step(norm, iteration, epoch);
            } finally {
                optimizer.zeroGradients();
            }
            double seconds = (System.nanoTime() - start) / 1e9;
            progress.addStep(loss, indices.length, seconds);
            StepReport report = new StepReport(epoch + 1, progress.steps(), totalSteps, loss, rate, norm, seconds);
            listeners.forEach(listener -> listener.onStep(report));
        }
        progress.endEpoch();
    }

    private void validate(@Nullable Validation validation, BestWeights best, Progress progress) {
        OptionalDouble score = OptionalDouble.empty();
        if (validation != null) {
            score = OptionalDouble.of(validation.score());
            if (progress.addScore(score.getAsDouble()) && config.keepBest()) {
                best.save();
            }
        }
        EpochReport report = progress.epochReport(config.epochs(), score);
        listeners.forEach(listener -> listener.onEpoch(report));
    }
}
