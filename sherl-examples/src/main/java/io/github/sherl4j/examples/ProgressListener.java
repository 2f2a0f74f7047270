package io.github.sherl4j.examples;

import io.github.sherl4j.train.StepReport;
import io.github.sherl4j.train.TrainListener;
import java.io.PrintWriter;
import java.util.Locale;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.DelegatingProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarConsumer;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** Shows how far a training is, with loss, rate and time left: a moving bar in a terminal, else a line now and then. */
final class ProgressListener implements TrainListener, AutoCloseable {
    private static final int TERMINAL_MILLIS = 500;
    private static final int LOG_MILLIS = 10_000;
    private static final int LOG_WIDTH = 120;

    private final String task;
    private final PrintWriter err;
    private @Nullable ProgressBar bar;
    private String logged = "";

    /** Shows nothing before the first step, when the number of steps is known. */
    ProgressListener(String task, PrintWriter err) {
        this.task = task;
        this.err = err;
    }

    @Override
    public void onStep(StepReport report) {
        if (bar == null) {
            bar = open(report.totalSteps());
        }
        bar.setExtraMessage(String.format(Locale.ROOT, "loss %.4f, rate %.2g", report.loss(), report.rate()));
        bar.stepTo(report.step());
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
        }
    }

    @SuppressWarnings("SystemConsoleNull") // JDK 22 to 24 say that there always is one: there, logs get more lines
    private ProgressBar open(int steps) {
        boolean terminal = System.console() != null;
        ProgressBarConsumer consumer = terminal
                ? new ConsoleProgressBarConsumer(System.err)
                : new DelegatingProgressBarConsumer(this::log, LOG_WIDTH);
        return new ProgressBarBuilder()
                .setTaskName(task)
                .setInitialMax(steps)
                .setStyle(ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(terminal ? TERMINAL_MILLIS : LOG_MILLIS)
                .setConsumer(consumer)
                .build();
    }

    /** The bar says its last line twice. */
    private synchronized void log(String line) {
        if (!line.equals(logged)) {
            err.println(line.stripTrailing());
            logged = line;
        }
    }
}
