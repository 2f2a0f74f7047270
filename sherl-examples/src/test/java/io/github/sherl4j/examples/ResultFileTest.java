package io.github.sherl4j.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.shade.jackson.databind.ObjectMapper;

class ResultFileTest {
    private static final MethodResult RESULT =
            new MethodResult(Method.SHERL, 0.5, 0.25, 7, 70, 0.125, 1.5, OptionalDouble.empty(), 3);

    @TempDir
    Path folder;

    @Test
    void replacesFile() throws IOException {
        Path file = Files.writeString(folder.resolve("results.json"), "old");

        ResultFile.write(file, "spam", "minilm", 42, List.of(RESULT));

        ObjectMapper json = new ObjectMapper();
        assertThat(json.readTree(file.toFile())).isEqualTo(json.readTree("""
            {"task": "spam", "model": "minilm", "seed": 42, "results": [
              {"method": "sherl", "accuracy": 0.5, "f1": 0.25, "trainable": 7, "total": 70,
               "seconds_per_step": 0.125, "peak_mb": 1.5, "rss_peak_mb": null, "epochs": 3}]}
            """));
        assertThat(folder).isDirectoryContaining(path -> path.equals(file));
        try (var files = Files.list(folder)) {
            assertThat(files).containsExactly(file);
        }
    }

    @Test
    void leavesNothingBehindWhenItFails() throws IOException {
        Path file =
                Files.createDirectories(folder.resolve("results.json/taken")).getParent();

        assertThatThrownBy(() -> ResultFile.write(file, "spam", "minilm", 42, List.of(RESULT)))
                .isInstanceOf(IOException.class);

        try (var files = Files.list(folder)) {
            assertThat(files).containsExactly(file);
        }
    }
}
