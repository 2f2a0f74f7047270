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
 * A BERT as an ONNX file in the root of a jar.
 *
 * @param weights name of the file
 * @param tokenizer name of its tokenizer.json
 * @param source the jar that has both, for messages
 */
record OnnxJar(String weights, String tokenizer, String source) {
    /** Loads it from the class path. */
    BertBackbone load(BertConfig config) throws IOException {
        try (InputStream onnx = open(weights);
                InputStream json = open(tokenizer);
                OnnxWeights read = OnnxWeights.read(onnx, weights)) {
            TextTokenizer texts = TextTokenizer.load(json, tokenizer);
            return BertBackbone.load(config, read, texts, DataType.FLOAT);
        }
    }

    /** A resource in the root of a jar. */
    InputStream open(String resource) throws IOException {
        InputStream stream = OnnxJar.class.getResourceAsStream("/" + resource);
        if (stream == null) {
            throw new FileNotFoundException("The class path has no " + resource + ": add " + source);
        }
        return stream;
    }
}
