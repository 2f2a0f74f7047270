package io.github.sherl4j.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.github.sherl4j.backbone.bert.BertBackbone;
import io.github.sherl4j.data.TextExample;
import io.github.sherl4j.data.TokenBatch;
import io.github.sherl4j.data.TokenizedText;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.tuning.HeadOnly;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;

class MiniLmTest {
    private static final List<TextExample> TEXTS = List.of(
            new TextExample("You won a prize!", null, null),
            new TextExample("Gradients flow through the late layers, but the early ones keep nothing.", null, null),
            new TextExample("Where is Bras\u00edlia?", "It is the capital of Brazil, in the highlands.", null),
            new TextExample("?", null, null));

    @Test
    void agreesWithOnnxRuntime() throws IOException, OrtException {
        try (BertBackbone backbone = MiniLm.load()) {
            check(backbone, MiniLm.JAR);
        }
    }

    @Test
    void bgeSmallAgreesWithOnnxRuntime() throws IOException, OrtException {
        try (BertBackbone backbone = BgeSmall.load()) {
            assertThat(backbone.blocks()).hasSize(12);
            check(backbone, BgeSmall.JAR);
        }
    }

    /** The last hidden states of ONNX Runtime on the same file, of a batch with padding. */
    private static void check(BertBackbone backbone, OnnxJar jar) throws IOException, OrtException {
        List<TokenizedText> texts = backbone.tokenizer().encodeAll(TEXTS, 128);
        float[][][] expected = onnxRuntime(texts, jar);

        float[][][] states = states(backbone, texts);

        for (int text = 0; text < texts.size(); text++) {
            for (int token = 0; token < texts.get(text).length(); token++) {
                assertThat(states[text][token])
                        .as("state of text %s, token %s", text, token)
                        .containsExactly(expected[text][token], within(1e-4f));
            }
        }
    }

    @Test
    void namesMissingResource() {
        assertThatThrownBy(() -> MiniLm.JAR.open("no-such.onnx"))
                .isInstanceOf(FileNotFoundException.class)
                .hasMessageContaining("The class path has no no-such.onnx: add dev.langchain4j:");
    }

    private static float[][][] states(BertBackbone backbone, List<TokenizedText> texts) {
        try (TokenBatch batch = TokenBatch.of(texts, new int[0]);
                Memory memory = new Memory(backbone.type())) {
            Context context = backbone.context(memory, batch, OptionalLong.empty());
            INDArray states = memory.step().array(backbone.stateShape(batch));
            new HeadOnly<>(backbone).infer(batch, context, states);
            float[][][] result = new float[texts.size()][][];
            Arrays.setAll(result, text -> states.slice(text).toFloatMatrix());
            return result;
        }
    }

    private static float[][][] onnxRuntime(List<TokenizedText> texts, OnnxJar jar) throws IOException, OrtException {
        int longest = texts.stream().mapToInt(TokenizedText::length).max().orElseThrow();
        long[][] ids = new long[texts.size()][longest];
        long[][] types = new long[texts.size()][longest];
        long[][] mask = new long[texts.size()][longest];
        for (int row = 0; row < texts.size(); row++) {
            TokenizedText text = texts.get(row);
            for (int token = 0; token < text.length(); token++) {
                ids[row][token] = text.ids()[token];
                types[row][token] = text.types()[token];
                mask[row][token] = 1;
            }
        }
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        try (InputStream file = jar.open(jar.weights());
                OrtSession session = environment.createSession(file.readAllBytes());
                OnnxTensor idTensor = OnnxTensor.createTensor(environment, ids);
                OnnxTensor typeTensor = OnnxTensor.createTensor(environment, types);
                OnnxTensor maskTensor = OnnxTensor.createTensor(environment, mask);
                OrtSession.Result result = session.run(
                        Map.of("input_ids", idTensor, "token_type_ids", typeTensor, "attention_mask", maskTensor))) {
            return (float[][][]) result.get(0).getValue();
        }
    }
}
