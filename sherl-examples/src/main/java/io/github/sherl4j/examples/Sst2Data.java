package io.github.sherl4j.examples;

import io.github.sherl4j.data.TextData;
import io.github.sherl4j.data.TextExample;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Sentences of film reviews, negative or positive (Socher et al. 2013), as the GLUE benchmark has them: {@code train.tsv}
 * and {@code dev.tsv} have a header and lines {@code sentence<TAB>label} with 0 or 1; the test set is {@code dev.tsv}, since
 * GLUE's own has no labels.
 */
final class Sst2Data {
    private static final Map<String, String> LABELS = Map.of("0", "negative", "1", "positive");

    private Sst2Data() {}

    /** Reads both files of a folder, or of the folder {@code sst2} in it. */
    static TextTask load(Path data) throws IOException {
        Path folder = DataFolder.find(data, "sst2", "train.tsv", "dev.tsv");
        return TextTask.of("sst2", read(folder.resolve("train.tsv")), read(folder.resolve("dev.tsv")));
    }

    private static TextData read(Path file) throws IOException {
        List<TextExample> named = new ArrayList<>();
        for (TextExample example : TextData.csv(file, "sentence", "label").examples()) {
            String label = LABELS.get(String.valueOf(example.label()));
            if (label == null) {
                throw new IllegalArgumentException(
                        "%s: expected the labels 0 and 1, found \"%s\"".formatted(file, example.label()));
            }
            named.add(new TextExample(example.text(), null, label));
        }
        return TextData.of(named);
    }
}
