package io.github.sherl4j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.Command;

class CliTest {
    @Command
    private record Failing(Exception exception) implements Callable<Integer> {
        @Override
        public Integer call() throws Exception {
            throw exception;
        }
    }

    @Test
    void saysWhatIsWrongInOneLine() {
        Run run = Run.of(new Failing(new IllegalArgumentException("a.csv: there is no column")));

        assertThat(run).isEqualTo(new Run(1, "", "a.csv: there is no column" + System.lineSeparator()));
    }

    @Test
    void saysWhatHappenedToFile() {
        IOException bare = new AccessDeniedException("a.csv");

        assertThat(Run.of(new Failing(bare)).err()).isEqualToIgnoringNewLines("a.csv: AccessDeniedException");
        assertThat(Run.of(new Failing(new UncheckedIOException(bare))).err())
                .isEqualToIgnoringNewLines("a.csv: AccessDeniedException");
    }

    @Test
    void showsWhereUnforeseenFailuresComeFrom() {
        Run run = Run.of(new Failing(new ArithmeticException("/ by zero")));

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err()).contains("/ by zero", "at io.github.sherl4j.examples.CliTest");
    }
}
