package io.github.sherl4j.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sherl4j.data.TextExample;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class Sst2DataTest {
    @TempDir
    Path folder;

    @Test
    void readsBothFiles() throws IOException {
        Path inside = Files.createDirectory(folder.resolve("sst2"));
        Files.writeString(inside.resolve("train.tsv"), "sentence\tlabel\nhide new secretions \t0\na gem\t1\n");
        Files.writeString(inside.resolve("dev.tsv"), "sentence\tlabel\ncharming\t1\n");

        TextTask task = Sst2Data.load(folder);

        assertThat(task.labels()).containsExactly("negative", "positive");
        assertThat(task.train().examples())
                .containsExactly(
                        new TextExample("hide new secretions ", null, "negative"),
                        new TextExample("a gem", null, "positive"));
        assertThat(task.test().examples()).containsExactly(new TextExample("charming", null, "positive"));
    }

    @Test
    void namesUnknownLabel() throws IOException {
        Files.writeString(folder.resolve("train.tsv"), "sentence\tlabel\na gem\t2\n");
        Files.writeString(folder.resolve("dev.tsv"), "sentence\tlabel\ncharming\t1\n");

        assertThatThrownBy(() -> Sst2Data.load(folder))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("train.tsv: expected the labels 0 and 1, found \"2\"");
    }

    @Test
    void namesMissingFiles() {
        assertThatThrownBy(() -> Sst2Data.load(folder))
                .isInstanceOf(FileNotFoundException.class)
                .hasMessageContaining("expected train.tsv and dev.tsv in this folder or in its folder sst2");
    }
}
