package io.github.sherl4j.examples;

import io.github.sherl4j.data.TextData;
import io.github.sherl4j.data.TextExample;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Questions by what they ask for (Li and Roth 2002): {@code train.label} and {@code test.label} have a line
 * {@code COARSE:fine question} for each; the six coarse classes are the labels.
 */
final class TrecData {
    private TrecData() {}

    /** Reads both files of a folder, or of the folder {@code trec} in it. */
    static TextTask load(Path data) throws IOException {
        Path folder = DataFolder.find(data, "trec", "train.label", "test.label");
        return TextTask.of("trec", read(folder.resolve("train.label")), read(folder.resolve("test.label")));
    }

    private static TextData read(Path file) throws IOException {
        List<TextExample> examples = new ArrayList<>();
        int number = 0;
        // Every byte is a character in Latin-1, which the files are published in.
        for (String line : Files.readAllLines(file, StandardCharsets.ISO_8859_1)) {
            number++;
            int colon = line.indexOf(':');
            int space = line.indexOf(' ');
            if (colon < 1 || space < colon || line.substring(space).isBlank()) {
                throw new IllegalArgumentException(
                        "%s, line %d: expected \"COARSE:fine question\", found \"%s\"".formatted(file, number, line));
            }
            examples.add(new TextExample(line.substring(space + 1), null, line.substring(0, colon)));
        }
        if (examples.isEmpty()) {
            throw new IllegalArgumentException(file + ": expected questions, found none");
        }
        return TextData.of(examples);
    }
}
