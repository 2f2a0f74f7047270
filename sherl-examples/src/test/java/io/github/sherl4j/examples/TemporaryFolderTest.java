package io.github.sherl4j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class TemporaryFolderTest {
    @Test
    void closingDeletesItWithItsFiles() throws IOException {
        Path path;
        try (TemporaryFolder folder = TemporaryFolder.create("network")) {
            path = folder.path();
            Files.writeString(path.resolve("config.json"), "{}");
            Files.writeString(path.resolve("tokenizer.json"), "{}");
            assertThat(path).isDirectory();
        }
        assertThat(path).doesNotExist();
    }
}
