package io.github.sherl4j.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What a SHERL step takes, by the library's count, by the operating system's, and by ND4J's limit. */
class StepMemoryTest {
    private static final long MEGABYTE = 1 << 20;
    private static final List<String> MINI_LM = List.of("6", "384", "32", "64");

    @BeforeAll
    static void needsLinux() {
        assumeTrue(Files.isReadable(Path.of("/proc/self/status")), "resident memory is read from /proc");
    }

    @Test
    void theMeterAgreesWithTheHighWaterMarkAndWithTheLimit() throws Exception {
        Map<String, Long> counts = counts(probe(MINI_LM, 4, 0));
        long peak = counts.get("peak");
        long resident = counts.get("resident");
        assertThat(peak).isGreaterThan(60 * MEGABYTE);
        assertThat(resident).isBetween((long) (0.9 * peak) - 8 * MEGABYTE, (long) (1.1 * peak) + 8 * MEGABYTE);

        long live = counts.get("live");
        assertThat(counts(probe(MINI_LM, 4, live + MEGABYTE / 4)).get("peak")).isEqualTo(peak);
        Output refused = probe(MINI_LM, 4, live - MEGABYTE / 4);
        assertThat(refused.exitCode).isNotZero();
        assertThat(refused.text).contains("exceeds HOST device limits");
    }

    @Test
    void aThousandStepsAtOneShapeAreFlat() throws Exception {
        Map<String, Long> counts = counts(probe(List.of("3", "64", "4", "16"), 1000, 0));
        assertThat(counts.get("different"))
                .as("steps that count other bytes than the second")
                .isZero();
        assertThat(counts.get("growth")).as("resident bytes from step 100 on").isLessThan(8 * MEGABYTE);
    }

    private record Output(int exitCode, String text) {}

    private static Output probe(List<String> shape, int steps, long limit) throws IOException, InterruptedException {
        Path output = Files.createTempFile("memory-probe", ".txt");
        try {
            List<String> command = new ArrayList<>(List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xms64m", // fixed and touched at once: what grows is native
                    "-Xmx64m",
                    "-XX:+AlwaysPreTouch",
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1", // the optimising compiler takes ten megabytes when it likes
                    "-Dorg.bytedeco.javacpp.maxphysicalbytes=4G",
                    "-cp",
                    System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                    MemoryProbe.class.getName()));
            command.addAll(shape);
            command.add(Integer.toString(steps));
            command.add(Long.toString(limit));
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            int exitCode = process.waitFor();
            return new Output(exitCode, Files.readString(output, StandardCharsets.UTF_8));
        } finally {
            Files.delete(output);
        }
    }

    private static Map<String, Long> counts(Output output) {
        assertThat(output.exitCode).as(output.text).isZero();
        String line = output.text
                .lines()
                .filter(text -> text.startsWith("peak="))
                .findFirst()
                .orElseThrow(() -> new AssertionError(output.text));
        return Arrays.stream(line.split(" "))
                .map(pair -> pair.split("="))
                .collect(Collectors.toMap(pair -> pair[0], pair -> Long.parseLong(pair[1])));
    }
}
