package io.github.sherl4j.examples;

import io.github.sherl4j.data.TextData;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.zip.GZIPInputStream;

/** Mails, ham or spam, which stand in this module's resources; the README beside them says where they come from. */
final class SpamData {
    private static final String TRAIN = "spam/train.tsv.gz";
    private static final String TEST = "spam/test.tsv.gz";

    private SpamData() {}

    static TextTask load() throws IOException {
        return TextTask.of("spam", read(TRAIN), read(TEST));
    }

    private static TextData read(String resource) throws IOException {
        try (InputStream packed = SpamData.class.getResourceAsStream(resource)) {
            if (packed == null) {
                throw new FileNotFoundException("The class path has no " + resource + " beside SpamData");
            }
            try (Reader reader = new InputStreamReader(new GZIPInputStream(packed), StandardCharsets.UTF_8)) {
                return TextData.read(reader, resource, '\t', "text", null, "label");
            }
        }
    }
}
