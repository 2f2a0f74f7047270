package io.github.sherl4j.route;

import static io.github.sherl4j.TestArrays.numbers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sherl4j.TestArrays;
import io.github.sherl4j.backbone.bert.TinyBert;
import io.github.sherl4j.backbone.detr.MdetrNetwork;
import io.github.sherl4j.backbone.resnet.ResNetBackbone;
import io.github.sherl4j.weights.SafeTensors;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class MdetrFolderTest {
    private static final String CONFIG = """
        {"d_model": 4, "nheads": 2, "dim_feedforward": 6, "enc_layers": 2, "dec_layers": 2, "num_queries": 3,
         "num_classes": 8, "backbone": {"blocks": [1, 1, 1, 1], "stem": 3, "widths": [3, 3, 4, 4]},
         "text_config": {"model_type": "bert", "vocab_size": 48, "max_position_embeddings": 12, "type_vocab_size": 2,
                         "hidden_size": 4, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 6,
                         "layer_norm_eps": 1e-5}}\
        """;

    @TempDir
    private Path folder;

    @Test
    void readsACheckpointUnderMdetrsNames() throws IOException {
        try (ResNetBackbone images = ResNetBackbone.random(TinyScenes.pictures(), DataType.FLOAT, 1);
                MdetrNetwork source =
                        MdetrNetwork.random(TinyScenes.config(2, 2), 9, images, TinyBert.of(DataType.FLOAT, 1), 1)) {
            write(source, images, CONFIG);
            try (SafeTensors file = SafeTensors.open(folder.resolve("model.safetensors"))) {
                assertThat(file.names())
                        .contains(
                                "transformer.encoder.layers.0.self_attn.in_proj_weight",
                                "transformer.decoder.layers.1.cross_attn_image.out_proj.bias",
                                "transformer.decoder.layers.1.norm4.weight",
                                "transformer.decoder.norm.bias",
                                "transformer.resizer.fc.weight",
                                "transformer.resizer.layer_norm.bias",
                                "transformer.text_encoder.embeddings.word_embeddings.weight",
                                "backbone.0.body.layer4.0.bn2.running_var",
                                "query_embed.weight",
                                "class_embed.bias",
                                "bbox_embed.layers.2.weight");
                assertThat(file.shape("input_proj.weight")).containsExactly(4, 4, 1, 1);
                assertThat(file.shape("transformer.encoder.layers.0.self_attn.in_proj_weight"))
                        .containsExactly(12, 4);
            }
            try (MdetrNetwork loaded = MdetrFolder.load(folder, true)) {
                assertThat(loaded.classes()).isEqualTo(9);
                assertThat(loaded.parameters()).hasSameSizeAs(source.parameters());
                for (int i = 0; i < loaded.parameters().size(); i++) {
                    assertThat(loaded.parameters().get(i).name())
                            .isEqualTo(source.parameters().get(i).name());
                    assertThat(numbers(loaded.parameters().get(i).value()))
                            .isEqualTo(numbers(source.parameters().get(i).value()));
                }
                assertThat(numbers(loaded.newHeads().get(3).parameters().get(0).value()))
                        .isEqualTo(numbers(
                                source.newHeads().get(3).parameters().get(0).value()));
                assertThat(loaded.texts()
                                .tokenizer()
                                .encode("the cat", null, 12)
                                .ids())
                        .containsExactly(2, 5, 24, 3);
            }
            try (MdetrNetwork frozen = MdetrFolder.load(folder, false)) {
                assertThat(frozen.images().buffers()).isEmpty();
            }
        }
    }

    @Test
    void refusesWhatIsMissingMisshapedOrOfAnotherKind() throws IOException {
        try (ResNetBackbone images = ResNetBackbone.random(TinyScenes.pictures(), DataType.FLOAT, 1);
                MdetrNetwork source =
                        MdetrNetwork.random(TinyScenes.config(2, 2), 9, images, TinyBert.of(DataType.FLOAT, 1), 1)) {
            write(source, images, CONFIG);
            Path file = folder.resolve("model.safetensors");
            Map<String, INDArray> tensors = new LinkedHashMap<>();
            try (SafeTensors weights = SafeTensors.open(file)) {
                weights.names().forEach(name -> tensors.put(name, weights.read(name, DataType.FLOAT)));
            }
            tensors.remove("transformer.encoder.layers.1.self_attn.in_proj_bias");
            SafeTensors.write(file, tensors, Map.of());
            assertThatThrownBy(() -> MdetrFolder.load(folder, false))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("missing 'transformer.encoder.layers.1.self_attn.in_proj_bias' [12]");
            tensors.put(
                    "transformer.encoder.layers.1.self_attn.in_proj_bias", TestArrays.normal(DataType.FLOAT, 1, 12));
            tensors.put("query_embed.weight", TestArrays.normal(DataType.FLOAT, 1, 5, 4));
            SafeTensors.write(file, tensors, Map.of());
            assertThatThrownBy(() -> MdetrFolder.load(folder, false))
                    .hasMessageContaining("'query_embed.weight': expected shape [3, 4], got [5, 4]");

            Files.writeString(folder.resolve("config.json"), CONFIG.replace("\"bert\"", "\"t5\""));
            assertThatThrownBy(() -> MdetrFolder.load(folder, false))
                    .hasMessageContaining("config.json: text_config has model_type \"t5\"");
            Files.writeString(folder.resolve("config.json"), CONFIG.replace("[1, 1, 1, 1]", "[1, 1, 1, \"x\"]"));
            assertThatThrownBy(() -> MdetrFolder.load(folder, false))
                    .hasMessageEndingWith(
                            "config.json: backbone must have a list \"blocks\" of integers, but has [1,1,1,\"x\"]");
            Files.writeString(folder.resolve("config.json"), CONFIG.replace("\"backbone\"", "\"bone\""));
            assertThatThrownBy(() -> MdetrFolder.load(folder, false))
                    .hasMessageEndingWith(
                            "config.json: \"backbone\" must be a ResNet's name or its sizes, but is missing");
            Files.writeString(folder.resolve("config.json"), CONFIG.replace("\"nheads\": 2", "\"nheads\": 3"));
            assertThatThrownBy(() -> MdetrFolder.load(folder, false))
                    .hasMessageEndingWith("config.json: heads must divide the width 4, but is 3");
            Files.writeString(folder.resolve("config.json"), CONFIG.replace("num_queries", "queries"));
            assertThatThrownBy(() -> MdetrFolder.load(folder, false))
                    .hasMessageContaining("config.json must have an integer \"num_queries\"");
            Files.writeString(folder.resolve("config.json"), "{\"d_model\": 4");
            assertThatThrownBy(() -> MdetrFolder.load(folder, false)).hasMessageContaining("is not valid JSON");
        }
    }

    private void write(MdetrNetwork network, ResNetBackbone images, String config) throws IOException {
        MdetrFolder.saveWeights(network, images, folder);
        Files.writeString(folder.resolve("config.json"), config);
        String resource = "/io/github/sherl4j/data/tiny-tokenizer.json";
        try (InputStream json = Objects.requireNonNull(MdetrFolderTest.class.getResourceAsStream(resource))) {
            Files.write(folder.resolve("tokenizer.json"), json.readAllBytes());
        }
    }
}
