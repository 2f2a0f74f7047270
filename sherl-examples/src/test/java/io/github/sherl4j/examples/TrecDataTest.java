package io.github.sherl4j.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sherl4j.data.TextExample;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TrecDataTest {
    @TempDir
    Path folder;

    @Test
    void readsCoarseClassesFromFolder() throws IOException {
        write(folder, "NUM:date When was it ?\nLOC:city Where : in Bras\u00edlia ?\n");

        requireRead(TrecData.load(folder));
    }

    @Test
    void readsFromFolderInside() throws IOException {
        write(
                Files.createDirectory(folder.resolve("trec")),
                "NUM:date When was it ?\nLOC:city Where : in Bras\u00edlia ?\n");

        requireRead(TrecData.load(folder));
    }

    @ParameterizedTest
    @ValueSource(strings = {"When was it ?", ":date When ?", "NUM:date", "NUM:date  ", "When NUM:date", ""})
    void namesMalformedLine(String line) throws IOException {
        write(folder, "NUM:date When was it ?\n" + line + "\nLOC:city Where ?\n");

        assertThatThrownBy(() -> TrecData.load(folder))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("train.label, line 2: expected \"COARSE:fine question\", found \"" + line + "\"");
    }

    @Test
    void namesEmptyFile() throws IOException {
        write(folder, "");

        assertThatThrownBy(() -> TrecData.load(folder))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("train.label: expected questions, found none");
    }

    @Test
    void namesMissingFiles() throws IOException {
        Files.writeString(folder.resolve("train.label"), "NUM:date When was it ?\n");

        assertThatThrownBy(() -> TrecData.load(folder))
                .isInstanceOf(FileNotFoundException.class)
                .hasMessageContaining(
                        folder + ": expected train.label and test.label in this folder or in its folder trec");
    }

    private static void requireRead(TextTask task) {
        assertThat(task.name()).isEqualTo("trec");
        assertThat(task.labels()).containsExactly("LOC", "NUM");
        assertThat(task.train().examples())
                .containsExactly(
                        new TextExample("When was it ?", null, "NUM"),
                        new TextExample("Where : in Bras\u00edlia ?", null, "LOC"));
        assertThat(task.test().examples()).containsExactly(new TextExample("How many ?", null, "NUM"));
    }

    private static void write(Path folder, String train) throws IOException {
        Files.writeString(folder.resolve("train.label"), train, StandardCharsets.ISO_8859_1);
        Files.writeString(folder.resolve("test.label"), "NUM:count How many ?\n");
    }
}
