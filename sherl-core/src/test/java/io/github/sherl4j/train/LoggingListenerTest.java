package io.github.sherl4j.train;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class LoggingListenerTest {
    private final Logger logger = (Logger) LoggerFactory.getLogger(LoggingListener.class);
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
    private final LoggingListener listener = new LoggingListener();

    @BeforeEach
    void listen() {
        lines.start();
        logger.addAppender(lines);
        logger.setAdditive(false);
    }

    @AfterEach
    void stop() {
        logger.detachAppender(lines);
        logger.setAdditive(true);
        logger.setLevel(null);
    }

    @Test
    void logsEachEpochAtInfo() {
        logger.setLevel(Level.INFO);
        listener.onEpoch(
                new EpochReport(1, 3, 0.5, OptionalDouble.empty(), OptionalInt.empty(), OptionalDouble.empty()));
        listener.onEpoch(
                new EpochReport(3, 3, 0.25, OptionalDouble.of(0.75), OptionalInt.of(2), OptionalDouble.of(0.875)));
        listener.onStep(new StepReport(1, 1, 6, 0.5, 1e-3, 2, 0.1));

        assertThat(lines.list)
                .extracting(ILoggingEvent::getFormattedMessage)
                .containsExactly(
                        "epoch 1 of 3: loss 0.5000", "epoch 3 of 3: loss 0.2500, score 0.7500, best 0.8750 in epoch 2");
    }

    @Test
    void logsEachStepAtDebug() {
        logger.setLevel(Level.DEBUG);
        listener.onStep(new StepReport(1, 2, 6, 0.5, 1e-3, 2, 0.1));

        assertThat(lines.list)
                .extracting(ILoggingEvent::getFormattedMessage)
                .containsExactly("step 2 of 6: loss 0.5000, rate 0.00100, gradient norm 2.00, 0.100 s");
    }
}
