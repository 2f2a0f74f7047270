package io.github.sherl4j.data;

import ai.djl.engine.EngineException;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The only place that knows how DJL's tokenizers are opened. */
final class DjlTokenizers {

    /** Length is ours to decide: a file's own truncation and padding would hide how long a text is. */
    private static final Map<String, String> WHOLE_TEXTS = Map.of("truncation", "false", "padding", "false");

    /**
     * Keeps DJL off the network. On every opening it would ask the cloud's metadata service where it runs, to report
     * that; and beside a GPU the first opening would fetch another native library than the one in its jar, which a
     * tokenizer gains nothing from. An environment variable of the same name goes before a property.
     */
    private static final Map<String, String> OFFLINE = Map.of("OPT_OUT_TRACKING", "true", "RUST_FLAVOR", "cpu");

    private DjlTokenizers() {}

    /** Opens a tokenizer that neither truncates nor pads. */
    static HuggingFaceTokenizer open(String json, String origin) throws IOException {
        try {
            return openOffline(json, WHOLE_TEXTS);
        } catch (EngineException | LinkageError e) {
            throw new IllegalStateException(
                    "DJL's native tokenizer library could not be loaded on " + System.getProperty("os.name") + " "
                            + System.getProperty("os.arch") + ": " + rootMessage(e),
                    e);
        } catch (RuntimeException e) {
            throw new IllegalArgumentException(
                    origin + ": expected a Hugging Face tokenizer.json, but it could not be read: " + e.getMessage(),
                    e);
        }
    }

    /** Opens a tokenizer with DJL's options; exceptions are DJL's. */
    static synchronized HuggingFaceTokenizer openOffline(String json, Map<String, String> options) throws IOException {
        List<String> added = new ArrayList<>();
        try {
            OFFLINE.forEach((name, value) -> {
                if (System.getProperty(name) == null) {
                    System.setProperty(name, value);
                    added.add(name);
                }
            });
            return HuggingFaceTokenizer.newInstance(
                    new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8)), options);
        } finally {
            added.forEach(System::clearProperty);
        }
    }

    private static String rootMessage(Throwable e) {
        Throwable root = e;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return String.valueOf(root.getMessage());
    }
}
