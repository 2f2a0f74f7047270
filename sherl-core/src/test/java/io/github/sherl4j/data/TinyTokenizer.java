package io.github.sherl4j.data;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;

/** A WordPiece tokenizer with 48 entries, whose file asks for truncation to 6 tokens and padding to 16. */
final class TinyTokenizer {

    private static final String RESOURCE = "tiny-tokenizer.json";

    private TinyTokenizer() {}

    static TextTokenizer load() throws IOException {
        try (InputStream json = open()) {
            return TextTokenizer.load(json, RESOURCE);
        }
    }

    static String json() throws IOException {
        try (InputStream json = open()) {
            return new String(json.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** The same tokenizer with the truncation of the native library, as the expected result. */
    static HuggingFaceTokenizer truncatingTo(int maxLength) throws IOException {
        return DjlTokenizers.openOffline(
                json(), Map.of("truncation", "true", "padding", "false", "maxLength", String.valueOf(maxLength)));
    }

    private static InputStream open() {
        return Objects.requireNonNull(TinyTokenizer.class.getResourceAsStream(RESOURCE));
    }
}
