package io.github.sherl4j.barlow.pretrain;

import io.github.sherl4j.barlow.BarlowModel;
import io.github.sherl4j.barlow.EmbeddingHealth;
import io.github.sherl4j.barlow.view.ViewBatch;
import io.github.sherl4j.barlow.view.ViewLoader;
import io.github.sherl4j.data.ImageSource;
import io.github.sherl4j.nd.Check;
import io.github.sherl4j.train.DivergenceException;
import io.github.sherl4j.train.EpochReport;
import io.github.sherl4j.train.Optimizer;
import io.github.sherl4j.train.StepReport;
import io.github.sherl4j.train.TrainConfig;
import io.github.sherl4j.train.TrainListener;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.schedule.ISchedule;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Pre-trains a model on pictures. Views are made ahead, in threads of their own, and what happens in a step hangs on its number
 * and the seed alone; so a training that goes on from a checkpoint ends with the same bits as one that never stopped, on the
 * same machine with the same number of threads.
 */
public final class Pretraining {
    private static final Logger LOG = LoggerFactory.getLogger(Pretraining.class);

    private final PretrainConfig config;
    private final List<TrainListener> listeners;

    /** A pre-training that tells its listeners, in their order, how it goes. */
    public Pretraining(PretrainConfig config, TrainListener... listeners) {
        this.config = config;
        this.listeners = List.of(listeners);
    }

    /**
     * Pre-trains from the start. A batch that is left over at an epoch's end is not used in that epoch.
     *
     * @param model modified, not closed
     * @param source the pictures, at least as many as there are in a batch; labels are not looked at
     * @param checkpoint file in which checkpoints are written, each in place of the last; null for none
     * @throws IllegalArgumentException if there are too few pictures
     * @throws DivergenceException if a loss or a gradient is not finite; the last checkpoint is unharmed
     * @throws IOException if a checkpoint cannot be written; the last one is unharmed
     */
    public void run(BarlowModel model, ImageSource source, @Nullable Path checkpoint) throws IOException {
        run(model, source, checkpoint, false);
    }

    /**
     * Goes on from a checkpoint that the same training wrote.
     *
     * @param model made as for {@link #run}; its weights are replaced
     * @param checkpoint read, then written as by {@link #run}
     * @throws IllegalArgumentException if the checkpoint is of another network or training, or is damaged; the model is
     *     unchanged then
     * @throws IOException if the checkpoint cannot be read or written
     */
    public void resume(BarlowModel model, ImageSource source, Path checkpoint) throws IOException {
        run(model, source, checkpoint, true);
    }

    private void run(BarlowModel model, ImageSource source, @Nullable Path checkpoint, boolean resume)
            throws IOException {
        TrainConfig training = config.training();
        int perEpoch = source.size() / training.batchSize();
        int steps = Math.multiplyExact(perEpoch, training.epochs());
        Check.argument(
                perEpoch > 0,
                "there must be at least 2 pictures and a whole batch of %s, but there are %s",
                training.batchSize(),
                source.size());
        ISchedule rates = training.rateShape().over(training.peakRate(), perEpoch, steps);
        try (Optimizer optimizer = new Optimizer(model.parameters(), training, rates)) {
            Checkpoint state = new Checkpoint(model, optimizer, Settings.of(config, model, source, rates, steps));
            int first = resume && checkpoint != null ? state.read(checkpoint) : 0;
            try (ViewLoader loader = ViewLoader.open(source, config.views(), config.loader(), first)) {
                double epochLoss = 0;
                int epochSteps = 0;
                for (int step = first; step < steps; step++) {
                    epochLoss += step(model, optimizer, loader, step, steps);
                    epochSteps++;
                    boolean epochEnds = (step + 1) % perEpoch == 0;
                    int every = config.checkpointEvery();
                    boolean due = every == 0 ? epochEnds : (step + 1) % every == 0 || step + 1 == steps;
                    if (due && checkpoint != null) {
                        state.write(checkpoint, step + 1);
                    }
                    if (epochEnds) {
                        endEpoch(model, (step + 1) / perEpoch, epochLoss / epochSteps);
                        epochLoss = 0;
                        epochSteps = 0;
                    }
                }
            }
        }
    }

    private double step(BarlowModel model, Optimizer optimizer, ViewLoader loader, int step, int steps) {
        int perEpoch = loader.batchesPerEpoch();
        int epoch = step / perEpoch;
        long start = System.nanoTime();
        double loss;
        double norm;
        double rate;
        try (ViewBatch batch = loader.next()) {
            loss = model.accumulate(batch.views(), 1, 0);
            norm = optimizer.gradientNorm();
            if (!Double.isFinite(loss) || !Double.isFinite(norm)) {
                throw new DivergenceException(epoch + 1, step % perEpoch + 1, loss, norm);
            }
            rate = optimizer.step(norm, step, epoch);
        } finally {
            optimizer.zeroGradients();
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        StepReport report = new StepReport(epoch + 1, step + 1, steps, loss, rate, norm, seconds);
        listeners.forEach(listener -> listener.onStep(report));
        return loss;
    }

    private void endEpoch(BarlowModel model, int epoch, double loss) {
        EmbeddingHealth health = model.health();
        if (health.collapsed()) {
            LOG.warn(
                    "The embeddings have collapsed in epoch {}: their standard deviation is {} and their effective"
                            + " rank {} of at most {}; a lower learning rate, a longer warm-up or another lambda may help",
                    epoch,
                    health.deviation(),
                    health.effectiveRank(),
                    health.largestRank());
        }
        EpochReport report = new EpochReport(
                epoch,
                config.training().epochs(),
                loss,
                OptionalDouble.empty(),
                OptionalInt.empty(),
                OptionalDouble.empty());
        listeners.forEach(listener -> listener.onEpoch(report));
    }
}
