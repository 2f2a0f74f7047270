package io.github.sherl4j.examples;

import io.github.sherl4j.barlow.BarlowModel;
import io.github.sherl4j.barlow.LossValue;
import io.github.sherl4j.barlow.eval.Features;
import io.github.sherl4j.barlow.eval.LinearProbe;
import io.github.sherl4j.barlow.eval.NearestNeighbours;
import io.github.sherl4j.data.ImageData;
import io.github.sherl4j.train.EpochReport;
import io.github.sherl4j.train.StepReport;
import io.github.sherl4j.train.TrainListener;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Measures a pre-training as it goes: loss terms, health, and accuracy on labelled pictures where there are some. */
final class PretrainWatch implements TrainListener {
    private static final int PROBE_EPOCHS = 20;

    /**
     * Labelled pictures for the measures.
     *
     * @param every epochs between two of them; the last epoch is always measured
     */
    record Labelled(ImageData train, ImageData test, int every) {}

    private final BarlowModel model;
    private final @Nullable Labelled labelled;
    private final PretrainHistory history;
    private final Path curves;
    private final PrintWriter out;
    private double diagonal;
    private double offDiagonal;
    private double rate;
    private int steps;

    PretrainWatch(
            BarlowModel model, @Nullable Labelled labelled, PretrainHistory history, Path curves, PrintWriter out) {
        this.model = model;
        this.labelled = labelled;
        this.history = history;
        this.curves = curves;
        this.out = out;
    }

    @Override
    public void onStep(StepReport report) {
        LossValue loss = model.lastLoss();
        diagonal += loss.diagonal();
        offDiagonal += loss.offDiagonal();
        rate = report.rate();
        steps++;
    }

    @Override
    public void onEpoch(EpochReport report) {
        boolean due =
                labelled != null && (report.epoch() % labelled.every() == 0 || report.epoch() == report.totalEpochs());
        double neighbours = Double.NaN;
        double probe = Double.NaN;
        if (due && labelled != null) {
            Features train = Features.of(model.encoder(), labelled.train());
            Features test = Features.of(model.encoder(), labelled.test());
            neighbours = NearestNeighbours.of(train).accuracy(test);
            try (LinearProbe fitted = LinearProbe.fit(train, LinearProbe.paper().withEpochs(PROBE_EPOCHS))) {
                probe = fitted.accuracy(test);
            }
        }
        PretrainHistory.Epoch epoch = new PretrainHistory.Epoch(
                report.epoch(),
                report.loss(),
                diagonal / steps,
                offDiagonal / steps,
                rate,
                model.health(),
                neighbours,
                probe);
        diagonal = 0;
        offDiagonal = 0;
        steps = 0;
        try {
            history.add(epoch);
            PretrainCurves.write(curves, history.epochs());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        out.println(line(epoch));
        out.flush();
    }

    private static String line(PretrainHistory.Epoch epoch) {
        String measured = Double.isNaN(epoch.probe())
                ? ""
                : String.format(
                        Locale.ROOT,
                        ", neighbours %.2f %%, probe %.2f %%",
                        100 * epoch.neighbours(),
                        100 * epoch.probe());
        return String.format(
                Locale.ROOT,
                "epoch %d: loss %.3f (diagonal %.3f, off-diagonal %.1f), deviation %.3f, effective rank %.1f%s",
                epoch.number(),
                epoch.loss(),
                epoch.diagonal(),
                epoch.offDiagonal(),
                epoch.health().deviation(),
                epoch.health().effectiveRank(),
                measured);
    }
}
