package io.github.sherl4j.train;

import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logs a line for each epoch at level info, and for each step at level debug. */
public final class LoggingListener implements TrainListener {
    private static final Logger LOG = LoggerFactory.getLogger(LoggingListener.class);

    @Override
    public void onStep(StepReport report) {
        if (LOG.isDebugEnabled()) {
            LOG.debug(format(
                    "step %d of %d: loss %.4f, rate %.3g, gradient norm %.3g, %.3f s",
                    report.step(),
                    report.totalSteps(),
                    report.loss(),
                    report.rate(),
                    report.gradientNorm(),
                    report.seconds()));
        }
    }

    @Override
    public void onEpoch(EpochReport report) {
        String line = format("epoch %d of %d: loss %.4f", report.epoch(), report.totalEpochs(), report.loss());
        if (report.score().isPresent()) {
            line += format(", score %.4f", report.score().getAsDouble());
        }
        if (report.bestEpoch().isPresent() && report.bestScore().isPresent()) {
            line += format(
                    ", best %.4f in epoch %d",
                    report.bestScore().getAsDouble(), report.bestEpoch().getAsInt());
        }
        LOG.info(line);
    }

    private static String format(String pattern, Object... values) {
        return String.format(Locale.ROOT, pattern, values);
    }
}
