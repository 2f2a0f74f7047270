package io.github.sherl4j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class GraphComparisonTest {
    @Test
    void printsALineForEachMethodAndSherlNeedsTheLeastMemory() {
        StringWriter out = new StringWriter();
        CommandLine command = new CommandLine(new GraphComparison()).setOut(new PrintWriter(out));
        int code = Cli.run(command, "--size=32", "--batch=2", "--classes=2", "--rounds=1", "--warm-up=1");
        assertThat(code).isZero();
        List<String> lines = out.toString().lines().toList();
        assertThat(lines).hasSize(4);
        assertThat(lines.get(1)).startsWith("sherl");
        assertThat(lines.get(2)).startsWith("frozen");
        assertThat(lines.get(3)).startsWith("full");
        assertThat(megabytes(lines.get(1))).isLessThan(0.4 * megabytes(lines.get(3)));
        assertThat(megabytes(lines.get(1))).isLessThan(megabytes(lines.get(2)));
    }

    private static double megabytes(String line) {
        return Double.parseDouble(line.split("\\s+", -1)[2]);
    }
}
