package io.github.sherl4j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sherl4j.train.StepReport;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class ProgressListenerTest {
    private final StringWriter shown = new StringWriter();

    @Test
    void doesNotFloodLogs() {
        try (ProgressListener listener = new ProgressListener("sherl", new PrintWriter(shown, true))) {
            for (int step = 1; step <= 1000; step++) {
                listener.onStep(new StepReport(1, step, 1000, 1.0 / step, 0.001, 1, 0.1));
            }
        }

        assertThat(shown.toString().lines()).hasSizeLessThan(5);
        assertThat(shown.toString().strip())
                .endsWith("loss 0.0010, rate 0.0010")
                .contains("sherl 100%", "1000/1000");
    }

    @Test
    void showsNothingOfTrainingThatDidNotBegin() {
        new ProgressListener("sherl", new PrintWriter(shown, true)).close();

        assertThat(shown.toString()).isEmpty();
    }
}
