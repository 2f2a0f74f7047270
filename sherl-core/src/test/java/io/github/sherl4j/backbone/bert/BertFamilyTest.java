package io.github.sherl4j.backbone.bert;

import static io.github.sherl4j.TestArrays.numbers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sherl4j.TestArrays;
import io.github.sherl4j.data.TokenBatch;
import io.github.sherl4j.data.TokenizedText;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.weights.SafeTensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** A BERT's weights under a relative's names give that BERT's states. */
class BertFamilyTest {
    private static final String TYPES = "embeddings.token_type_embeddings.weight";
    private static final String POSITIONS = "embeddings.position_embeddings.weight";

    private static final String ROBERTA = """
        {"model_type": "roberta", "vocab_size": 48, "max_position_embeddings": 14, "type_vocab_size": 1,
         "hidden_size": 4, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 6,
         "layer_norm_eps": 1e-05, "pad_token_id": 1}
        """;
    private static final String DISTIL = """
        {"model_type": "distilbert", "activation": "gelu", "vocab_size": 48, "max_position_embeddings": 12, "dim": 4,
         "n_layers": 2, "n_heads": 2, "hidden_dim": 6, "sinusoidal_pos_embds": false}
        """;

    @TempDir
    private Path folder;

    @Test
    void aRobertaCountsPositionsFromTwoAndHasOneSegment() throws IOException {
        try (BertBackbone bert = TinyBert.of(DataType.FLOAT, 2)) {
            Map<String, INDArray> tensors = new LinkedHashMap<>();
            for (Parameter parameter : bert.parameters()) {
                INDArray value = parameter.value();
                tensors.put(
                        "roberta." + parameter.name(),
                        switch (parameter.name()) {
                            case POSITIONS ->
                                Nd4j.vstack(TestArrays.normal(DataType.FLOAT, 7, 2, TinyBert.WIDTH), value);
                            case TYPES ->
                                value.getRow(0).reshape(1, TinyBert.WIDTH).dup();
                            default -> value;
                        });
            }
            tensors.put("lm_head.bias", TestArrays.normal(DataType.FLOAT, 1, 48));
            tensors.put("roberta.embeddings.position_ids", TestArrays.normal(DataType.FLOAT, 1, 1, 14));
            write(ROBERTA, tensors);

            try (BertBackbone roberta = BertBackbone.load(folder)) {
                assertThat(roberta.config()).isEqualTo(new BertConfig(48, 14, 1, 4, 2, 2, 6, 1e-5, BertFamily.ROBERTA));
                assertThat(roberta.maxTokens()).isEqualTo(12);
                assertSameStates(roberta, bert, TinyBert.text(2, 5, 6, 5, 3), TinyBert.random(12, 3));
                assertThatThrownBy(() -> states(roberta, TinyBert.random(13, 3)))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessage("batch has 13 tokens, but this network takes at most 12");
                assertThatThrownBy(() -> states(roberta, TinyBert.pair()))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessage("batch has the token type 1, but this network has 1 types");
            }
        }
    }

    @Test
    void aDistilBertHasNamesOfItsOwnAndIgnoresSegments() throws IOException {
        try (BertBackbone bert = TinyBert.of(new BertConfig(48, 12, 2, 4, 2, 2, 6, 1e-12), null, DataType.FLOAT)) {
            Map<String, INDArray> tensors = new LinkedHashMap<>();
            for (Parameter parameter : bert.parameters()) {
                if (parameter.name().equals(TYPES)) {
                    TestArrays.fill(parameter.value(), 0);
                } else {
                    tensors.put("distilbert." + distil(parameter.name()), parameter.value());
                }
            }
            tensors.put("vocab_transform.weight", TestArrays.normal(DataType.FLOAT, 1, 4, 4));
            write(DISTIL, tensors);

            assertThat(tensors)
                    .containsKeys(
                            "distilbert.embeddings.LayerNorm.weight",
                            "distilbert.transformer.layer.0.attention.q_lin.weight",
                            "distilbert.transformer.layer.0.attention.out_lin.bias",
                            "distilbert.transformer.layer.1.sa_layer_norm.weight",
                            "distilbert.transformer.layer.1.ffn.lin1.weight",
                            "distilbert.transformer.layer.1.ffn.lin2.bias",
                            "distilbert.transformer.layer.1.output_layer_norm.bias");
            try (BertBackbone distilBert = BertBackbone.load(folder)) {
                assertThat(distilBert.config())
                        .isEqualTo(new BertConfig(48, 12, 0, 4, 2, 2, 6, 1e-12, BertFamily.DISTILBERT));
                assertThat(distilBert.parameters()).hasSize(4 + 2 * 16);
                assertSameStates(distilBert, bert, TinyBert.text(2, 5, 6, 5, 3), TinyBert.pair());
            }
        }
    }

    @Test
    void aCheckpointOfAnotherRelativeIsRefused() throws IOException {
        try (BertBackbone bert = TinyBert.of(DataType.FLOAT, 2)) {
            Map<String, INDArray> tensors = new LinkedHashMap<>();
            bert.parameters().forEach(parameter -> tensors.put("bert." + parameter.name(), parameter.value()));
            write(DISTIL, tensors);
            assertThatThrownBy(() -> BertBackbone.load(folder))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("0 tensors fit, 36 are missing")
                    .hasMessageContaining("missing 'transformer.layer.0.attention.q_lin.weight' [4, 4]")
                    .hasMessageContaining("nothing fits; the file holds: bert.embeddings.LayerNorm.bias");
        }
        Files.writeString(folder.resolve("config.json"), ROBERTA.replace("\"pad_token_id\": 1", "\"pad_token_id\": 0"));
        assertThatThrownBy(() -> BertBackbone.load(folder))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("has pad_token_id \"0\", but this network is read only with \"1\"");
    }

    @Test
    void sizesBelongToTheirFamily() {
        assertThatThrownBy(() -> new BertConfig(48, 2, 1, 4, 2, 2, 6, 1e-5, BertFamily.ROBERTA))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("positions must be more than 2, but is 2");
        assertThatThrownBy(() -> new BertConfig(48, 12, 2, 4, 2, 2, 6, 1e-5, BertFamily.DISTILBERT))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("types must be 0, since DISTILBERT has none, but is 2");
        assertThat(BertConfig.robertaBase().maxTokens()).isEqualTo(512);
        assertThat(BertConfig.distilBertBase().layers()).isEqualTo(6);
    }

    private static String distil(String name) {
        return name.replace("encoder.layer", "transformer.layer")
                .replace("attention.self.query", "attention.q_lin")
                .replace("attention.self.key", "attention.k_lin")
                .replace("attention.self.value", "attention.v_lin")
                .replace("attention.output.dense", "attention.out_lin")
                .replace("attention.output.LayerNorm", "sa_layer_norm")
                .replace("intermediate.dense", "ffn.lin1")
                .replaceFirst("(layer\\.\\d)\\.output\\.dense", "$1.ffn.lin2")
                .replaceFirst("(layer\\.\\d)\\.output\\.LayerNorm", "$1.output_layer_norm");
    }

    private static void assertSameStates(BertBackbone found, BertBackbone expected, TokenizedText... texts) {
        assertThat(states(found, texts)).usingRecursiveComparison().isEqualTo(states(expected, texts));
    }

    private static List<double[]> states(BertBackbone bert, TokenizedText... texts) {
        List<double[]> states = new ArrayList<>();
        try (Memory memory = new Memory(bert.type());
                TokenBatch batch = TokenBatch.of(List.of(texts), new int[0])) {
            Context context = bert.context(memory, batch, OptionalLong.empty());
            INDArray state = TestArrays.blank(bert.type(), bert.stateShape(batch));
            bert.stem().infer(batch, context, state);
            states.add(numbers(state));
            for (int i = 0; i < bert.blocks().size(); i++) {
                INDArray next = TestArrays.blank(bert.type(), state.shape());
                bert.blocks().get(i).infer(state, context, next);
                state = next;
                states.add(numbers(state));
            }
            return states;
        }
    }

    private void write(String config, Map<String, INDArray> tensors) throws IOException {
        Files.writeString(folder.resolve("config.json"), config);
        SafeTensors.write(folder.resolve("model.safetensors"), tensors, Map.of());
        if (!Files.exists(folder.resolve("tokenizer.json"))) {
            try (var json = Objects.requireNonNull(
                    BertFamilyTest.class.getResourceAsStream("/io/github/sherl4j/data/tiny-tokenizer.json"))) {
                Files.copy(json, folder.resolve("tokenizer.json"));
            }
        }
    }
}
