package io.github.sherl4j.backbone.clipvil;

import static io.github.sherl4j.TestArrays.numbers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sherl4j.TestArrays;
import io.github.sherl4j.data.FeatureRows;
import io.github.sherl4j.data.QuestionBatch;
import io.github.sherl4j.data.TokenizedText;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.weights.SafeTensors;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class ClipVilLoadTest {
    private static final String CONFIG = """
        {"model_type": "lxmert", "vocab_size": 48, "max_position_embeddings": 12, "type_vocab_size": 2, "hidden_size": 4,
         "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 6, "visual_feat_dim": 3,
         "layer_norm_eps": 1e-5, "hidden_act": "gelu"}\
        """;

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"", "lxrt_encoder.model.", "module.lxrt_encoder.model."})
    void readsAFolderInTheRealFormatWithAnyPrefixAndLeavesHeadsAlone(String prefix) throws IOException {
        try (ClipVilBackbone source = TinyClipVil.of(DataType.FLOAT, 2)) {
            Map<String, INDArray> tensors = tensors(source, prefix);
            tensors.put(prefix + "cls.predictions.bias", TestArrays.normal(DataType.FLOAT, 1, 48));
            tensors.put(prefix + "bert.encoder.visn_fc.box_fc.weight", TestArrays.normal(DataType.FLOAT, 2, 4, 4));
            tensors.put("logit_fc.0.weight", TestArrays.normal(DataType.FLOAT, 3, 8, 4));
            write(tensors, CONFIG);

            try (ClipVilBackbone loaded = ClipVilBackbone.load(folder)) {
                assertThat(loaded.config()).isEqualTo(TinyClipVil.config(2));
                assertThat(loaded.fingerprint()).isEqualTo(fingerprintOfWeights(source));
                assertThat(loaded.tokenizer().encode("the cat", null, 12).ids()).containsExactly(2, 5, 24, 3);
                for (int i = 0; i < loaded.parameters().size(); i++) {
                    assertThat(numbers(loaded.parameters().get(i).value()))
                            .isEqualTo(numbers(source.parameters().get(i).value()));
                }
            }
        }
    }

    @Test
    void whatIsSavedIsLoadedAgain() throws IOException {
        Path file = folder.resolve("weights.safetensors");
        try (ClipVilBackbone source = TinyClipVil.of(DataType.FLOAT, 2)) {
            source.save(file);
            try (SafeTensors weights = SafeTensors.open(file);
                    ClipVilBackbone loaded =
                            ClipVilBackbone.load(TinyClipVil.config(2), weights, null, DataType.FLOAT)) {
                assertThat(loaded.fingerprint()).isEqualTo(fingerprintOfWeights(source));
            }
        }
    }

    @Test
    void listsWhatIsMissingAndMisshaped() throws IOException {
        try (ClipVilBackbone source = TinyClipVil.of(DataType.FLOAT, 2)) {
            Map<String, INDArray> tensors = tensors(source, "");
            tensors.remove("bert.pooler.dense.bias");
            tensors.put("bert.encoder.visn_fc.visn_fc.weight", TestArrays.normal(DataType.FLOAT, 1, 4, 5));
            write(tensors, CONFIG);

            assertThatThrownBy(() -> ClipVilBackbone.load(folder))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("missing 'bert.pooler.dense.bias' [4]")
                    .hasMessageContaining("'bert.encoder.visn_fc.visn_fc.weight': expected shape [4, 3], got [4, 5]");
        }
    }

    @Test
    void aConfigurationWithoutTheFeaturesWidthIsRefused() throws IOException {
        try (ClipVilBackbone source = TinyClipVil.of(DataType.FLOAT, 2)) {
            write(tensors(source, ""), CONFIG.replace("visual_feat_dim", "feat_dim"));
            assertThatThrownBy(() -> ClipVilBackbone.load(folder))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageEndingWith("config.json must have an integer \"visual_feat_dim\", but has ");
        }
    }

    @Test
    void refusesBatchesThatTheNetworkCannotTake() {
        try (ClipVilBackbone network = TinyClipVil.of(DataType.FLOAT, 2);
                Memory memory = new Memory(DataType.FLOAT)) {
            List<TokenizedText> text = List.of(new TokenizedText(new int[] {2, 3}, new int[2]));
            refuses(
                    network,
                    memory,
                    QuestionBatch.of(text, List.of(new FeatureRows(5, new float[10])), new float[0][]),
                    "batch has features of width 5, but this network takes those of width 3");
            int[] many = IntStream.range(0, 13).toArray();
            refuses(
                    network,
                    memory,
                    QuestionBatch.of(
                            List.of(new TokenizedText(many, new int[13])),
                            List.of(TinyClipVil.rows(1, 1)),
                            new float[0][]),
                    "batch has questions of 13 tokens, but this network takes at most 12");
            refuses(
                    network,
                    memory,
                    QuestionBatch.of(
                            List.of(new TokenizedText(new int[] {48}, new int[1])),
                            List.of(TinyClipVil.rows(1, 1)),
                            new float[0][]),
                    "batch has the token id 48, but this network's vocabulary has 48 entries");
        }
    }

    private static void refuses(ClipVilBackbone network, Memory memory, QuestionBatch batch, String message) {
        try (batch) {
            assertThatThrownBy(() -> network.context(memory, batch, OptionalLong.empty()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(message);
        }
    }

    /** The fingerprint is made of the weights as they were loaded, so a network that was changed since has another. */
    private String fingerprintOfWeights(ClipVilBackbone network) throws IOException {
        Path file = folder.resolve("same.safetensors");
        network.save(file);
        try (SafeTensors weights = SafeTensors.open(file);
                ClipVilBackbone loaded = ClipVilBackbone.load(network.config(), weights, null, DataType.FLOAT)) {
            return loaded.fingerprint();
        }
    }

    private static Map<String, INDArray> tensors(ClipVilBackbone network, String prefix) {
        Map<String, INDArray> tensors = new LinkedHashMap<>();
        for (Parameter parameter : network.parameters()) {
            tensors.put(prefix + parameter.name(), parameter.value());
        }
        return tensors;
    }

    private void write(Map<String, INDArray> tensors, String config) throws IOException {
        SafeTensors.write(folder.resolve("model.safetensors"), tensors, Map.of());
        Files.writeString(folder.resolve("config.json"), config);
        String resource = "/io/github/sherl4j/data/tiny-tokenizer.json";
        try (InputStream json = Objects.requireNonNull(ClipVilLoadTest.class.getResourceAsStream(resource))) {
            Files.write(folder.resolve("tokenizer.json"), json.readAllBytes());
        }
    }
}
