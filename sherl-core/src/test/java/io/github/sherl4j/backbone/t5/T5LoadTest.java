package io.github.sherl4j.backbone.t5;

import static io.github.sherl4j.TestArrays.numbers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sherl4j.NativeBytes;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.weights.SafeTensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class T5LoadTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void readsAFolderAsHuggingFaceWritesIt(boolean gated) throws IOException {
        try (T5Backbone made = TinyT5.of(DataType.FLOAT, TinyT5.config(2, 3, gated), null)) {
            Map<String, INDArray> tensors = tensors(made);
            tensors.put(
                    "encoder.embed_tokens.weight", tensors.get("shared.weight").dup());
            tensors.put(
                    "decoder.embed_tokens.weight", tensors.get("shared.weight").dup());
            write(tensors, json(gated, 3));
            try (T5Backbone loaded = T5Backbone.load(folder)) {
                assertThat(loaded.config()).isEqualTo(made.config());
                assertThat(loaded.fingerprint()).isEqualTo(made.fingerprint());
                assertThat(loaded.tiedOutput()).isEqualTo(!gated);
                assertThat(loaded.outputScale()).isEqualTo(gated ? 1 : 1 / Math.sqrt(6));
                assertThat(loaded.parameters()).extracting(Parameter::name).isEqualTo(names(made));
                for (int i = 0; i < names(made).size(); i++) {
                    assertThat(numbers(loaded.parameters().get(i).value()))
                            .isEqualTo(numbers(made.parameters().get(i).value()));
                }
                assertThat(loaded.tokenizer().encode("abcd a", null, 9).ids()).containsExactly(10, 11, 3, 4, 1);
                assertThat(loaded.tokenizer().decode(new int[] {10, 11, 3, 4, 1}))
                        .isEqualTo("abcd a");
                assertThat(loaded.tokenizer().decode(new int[0])).isEmpty();
            }
        }
    }

    @Test
    void namesAreThoseOfTheTwoVersions() {
        try (T5Backbone first = TinyT5.of(DataType.FLOAT, TinyT5.config(1, 1, false), null);
                T5Backbone second = TinyT5.of(DataType.FLOAT, TinyT5.config(1, 1, true), null)) {
            assertThat(names(first))
                    .contains("decoder.block.0.layer.2.DenseReluDense.wi.weight")
                    .doesNotContain("lm_head.weight")
                    .hasSize(26);
            assertThat(names(second))
                    .contains("encoder.block.0.layer.1.DenseReluDense.wi_0.weight", "lm_head.weight")
                    .hasSize(29);
        }
    }

    @Test
    void theSharedTableMayStandUnderTheNameOfTheEncoders() throws IOException {
        try (T5Backbone made = TinyT5.of(DataType.FLOAT, 1, 1)) {
            Map<String, INDArray> tensors = tensors(made);
            tensors.put("encoder.embed_tokens.weight", tensors.remove("shared.weight"));
            write(tensors, json(false, 1).replace("\"num_layers\": 2", "\"num_layers\": 1"));
            try (T5Backbone loaded = T5Backbone.load(folder)) {
                assertThat(loaded.fingerprint()).isEqualTo(made.fingerprint());
            }
        }
    }

    @Test
    void listsWhatIsMissing() throws IOException {
        try (T5Backbone made = TinyT5.of(DataType.FLOAT, 2, 3)) {
            Map<String, INDArray> tensors = tensors(made);
            tensors.remove("decoder.block.2.layer.1.EncDecAttention.k.weight");
            write(tensors, json(false, 3));
            assertThatThrownBy(() -> T5Backbone.load(folder))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("missing 'decoder.block.2.layer.1.EncDecAttention.k.weight' [8, 6]");
        }
    }

    @Test
    void complainsAboutWhatItCannotRead() throws IOException {
        try (T5Backbone made = TinyT5.of(DataType.FLOAT, 2, 3)) {
            Map<String, INDArray> tensors = tensors(made);
            for (String[] wrong : new String[][] {
                {"\"t5\"", "\"bart\"", "model_type \"bart\""},
                {"\"relu\"", "\"gated-silu\"", "feed_forward_proj \"gated-silu\""},
                {"\"d_kv\": 4", "\"d_kv\": \"4\"", "must have an integer \"d_kv\""},
                {"\"num_heads\": 2", "\"num_heads\": 0", "heads must be positive, but is 0"},
                {
                    "\"relative_attention_num_buckets\": 8",
                    "\"relative_attention_num_buckets\": 7",
                    "buckets must be a positive multiple of 4, but is 7"
                }
            }) {
                write(tensors, json(false, 3).replace(wrong[0], wrong[1]));
                assertThatThrownBy(() -> T5Backbone.load(folder))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageStartingWith(folder.resolve("config.json").toString())
                        .hasMessageContaining(wrong[2]);
            }
        }
    }

    @Test
    void freesAllThatItHeld() throws InterruptedException {
        long before = NativeBytes.settled();
        TinyT5.of(DataType.FLOAT, 2, 3).close();
        assertThat(NativeBytes.settled()).isEqualTo(before);
    }

    @Test
    void publishedTapsAreStatesBehindTheListedBlocks() {
        assertThat(T5Taps.base().encoder()).containsExactly(0, 2, 3, 4, 6, 7, 8, 10, 11, 12);
        assertThat(T5Taps.base().decoder()).containsExactly(0, 2, 3, 4, 6, 7, 8, 10, 11);
        assertThat(T5Taps.large().encoder()).containsExactly(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 23, 24);
        assertThat(T5Taps.large().decoder()).containsExactly(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 23);
        assertThat(T5Taps.threeBillion().encoder()).containsExactly(0, 23, 24);
        assertThat(T5Taps.threeBillion().decoder()).containsExactly(0, 23);
        assertThat(T5Taps.published(T5Config.base())).isEqualTo(T5Taps.base());
        assertThat(T5Taps.published(T5Config.large())).isEqualTo(T5Taps.large());
        assertThat(T5Taps.published(T5Config.threeBillion())).isEqualTo(T5Taps.threeBillion());
        assertThat(T5Taps.published(TinyT5.config(2, 3, false)))
                .isEqualTo(new T5Taps(List.of(0, 1, 2), List.of(0, 1, 2)));
    }

    private void write(Map<String, INDArray> tensors, String config) throws IOException {
        SafeTensors.write(folder.resolve("model.safetensors"), tensors, Map.of());
        Files.writeString(folder.resolve("config.json"), config);
        Files.writeString(folder.resolve("tokenizer.json"), TinyT5.tokenizerJson());
    }

    private static Map<String, INDArray> tensors(T5Backbone t5) {
        Map<String, INDArray> tensors = new LinkedHashMap<>();
        t5.parameters().forEach(parameter -> tensors.put(parameter.name(), parameter.value()));
        return tensors;
    }

    private static List<String> names(T5Backbone t5) {
        return t5.parameters().stream().map(Parameter::name).toList();
    }

    private static String json(boolean gated, int decoderLayers) {
        return """
            {"model_type": "t5", "vocab_size": 12, "d_model": 6, "d_kv": 4, "num_heads": 2, "d_ff": 10,
             "num_layers": 2, "num_decoder_layers": %d, "relative_attention_num_buckets": 8,
             "relative_attention_max_distance": 20, "layer_norm_epsilon": 1e-06, "n_positions": 12,
             "feed_forward_proj": "%s", "tie_word_embeddings": %s, "decoder_start_token_id": 0,
             "eos_token_id": 1}
            """.formatted(decoderLayers, gated ? "gated-gelu" : "relu", !gated);
    }
}
