package io.github.sherl4j.backbone.t5;

import io.github.sherl4j.data.SequenceBatch;
import io.github.sherl4j.data.SequenceData;
import io.github.sherl4j.data.TextTokenizer;
import io.github.sherl4j.data.TokenizedText;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;

/** A small T5 of random weights, whose heads together are wider than its states, and small texts. */
public final class TinyT5 {
    /** As many as the tiny tokenizer has entries. */
    public static final int VOCABULARY = 12;

    private TinyT5() {}

    public static T5Config config(int layers, int decoderLayers, boolean gated) {
        return new T5Config(VOCABULARY, 6, 4, 2, 10, layers, decoderLayers, 8, 20, 1e-6, gated, !gated, 12, 0, 1);
    }

    public static T5Backbone of(DataType type, int layers, int decoderLayers) {
        return of(type, config(layers, decoderLayers, false), null);
    }

    public static T5Backbone of(DataType type, T5Config config, @Nullable TextTokenizer tokenizer) {
        return T5Backbone.random(config, tokenizer, type, 3);
    }

    /** A Unigram tokenizer in SentencePiece's manner: the letters a to f, "ab" at the start of a word, and "cd". */
    public static String tokenizerJson() throws IOException {
        try (InputStream json = Objects.requireNonNull(TinyT5.class.getResourceAsStream("tiny-tokenizer.json"))) {
            return new String(json.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    public static TextTokenizer tokenizer() throws IOException {
        try (InputStream json = Objects.requireNonNull(TinyT5.class.getResourceAsStream("tiny-tokenizer.json"))) {
            return TextTokenizer.load(json, "tiny-tokenizer.json");
        }
    }

    public static TokenizedText text(int... ids) {
        return new TokenizedText(ids, new int[ids.length]);
    }

    public static List<TokenizedText> sources() {
        return List.of(text(5, 7, 4, 1), text(6, 3, 9, 2, 8, 1), text(4, 1));
    }

    public static List<TokenizedText> targets() {
        return List.of(text(8, 1), text(3, 3, 10, 5, 1), text(7, 9, 1));
    }

    /** Three texts and targets of different lengths. */
    public static SequenceBatch batch() {
        return SequenceData.of(sources(), targets(), 0).batch(new int[] {0, 1, 2});
    }
}
