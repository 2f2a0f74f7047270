package io.github.sherl4j.backbone.clip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sherl4j.NativeBytes;
import io.github.sherl4j.TestArrays;
import io.github.sherl4j.backbone.Backbone;
import io.github.sherl4j.data.ImageBatch;
import io.github.sherl4j.data.TokenBatch;
import io.github.sherl4j.data.TokenizedText;
import io.github.sherl4j.layer.Activation;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.weights.SafeTensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class ClipLoadTest {
    private static final String JSON = """
        {"model_type": "clip", "projection_dim": 3,
         "vision_config": {"image_size": 4, "patch_size": 2, "num_channels": 3, "hidden_size": 4,
           "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 6, "projection_dim": 512},
         "text_config": {"vocab_size": 20, "max_position_embeddings": 8, "hidden_size": 4, "num_hidden_layers": 2,
           "num_attention_heads": 2, "intermediate_size": 6, "hidden_act": "quick_gelu", "layer_norm_eps": 1e-05}}
        """;
    static final String TOKENIZER = """
        {"version": "1.0", "truncation": null, "padding": null,
         "added_tokens": [
           {"id": 18, "content": "<|startoftext|>", "single_word": false, "lstrip": false, "rstrip": false,
            "normalized": true, "special": true},
           {"id": 19, "content": "<|endoftext|>", "single_word": false, "lstrip": false, "rstrip": false,
            "normalized": false, "special": true}],
         "normalizer": {"type": "Lowercase"},
         "pre_tokenizer": {"type": "Whitespace"},
         "post_processor": {"type": "RobertaProcessing", "sep": ["<|endoftext|>", 19],
           "cls": ["<|startoftext|>", 18], "trim_offsets": false, "add_prefix_space": false},
         "decoder": null,
         "model": {"type": "BPE", "dropout": null, "unk_token": "<|endoftext|>", "continuing_subword_prefix": "",
           "end_of_word_suffix": "</w>", "fuse_unk": false,
           "vocab": {"!": 0, "a": 1, "c": 2, "t": 3, "a</w>": 4, "c</w>": 5, "t</w>": 6, "!</w>": 7, "ca": 8,
             "cat</w>": 9, "<|startoftext|>": 18, "<|endoftext|>": 19},
           "merges": ["c a", "ca t</w>"]}}
        """;

    @TempDir
    private Path folder;

    @Test
    void bothNamingsOfBothTowersInOneFileGiveTheSameNetworks() throws IOException, InterruptedException {
        try (ClipImageBackbone image = TinyClip.image(DataType.FLOAT, 2);
                ClipTextBackbone text = TinyClip.text(DataType.FLOAT, 2)) {
            for (boolean openAi : new boolean[] {false, true}) {
                Map<String, INDArray> tensors = openAi ? openAi(image) : huggingFace(image);
                tensors.putAll(openAi ? openAi(text) : huggingFace(text));
                tensors.put("logit_scale", TestArrays.of(DataType.FLOAT, new double[] {4.6}, 1));
                write(tensors);
                long before = NativeBytes.settled();
                try (ClipImageBackbone loadedImage = ClipImageBackbone.load(folder);
                        ClipTextBackbone loadedText = ClipTextBackbone.load(folder)) {
                    assertSame(loadedImage, image);
                    assertSame(loadedText, text);
                    assertThat(loadedImage.config()).isEqualTo(image.config());
                    assertThat(loadedText.config()).isEqualTo(text.config());
                }
                assertThat(NativeBytes.settled()).isEqualTo(before);
            }
        }
    }

    @Test
    void textsEndWithTheTokenThatTheFeatureIsReadAt() throws IOException {
        try (ClipTextBackbone text = TinyClip.text(DataType.FLOAT, 2)) {
            write(huggingFace(text));
            try (ClipTextBackbone loaded = ClipTextBackbone.load(folder)) {
                TokenizedText whole = loaded.tokenizer().encode("Cat !", null, loaded.maxTokens());
                assertThat(whole.ids()).containsExactly(18, 9, 7, 19);
                assertThat(whole.types()).containsOnly(0);
                assertThat(loaded.tokenizer().encode("cat cat cat cat", null, 4).ids())
                        .as("a truncated text keeps its end")
                        .containsExactly(18, 9, 9, 19);
            }
        }
    }

    @Test
    void paddingWithWhateverIdChangesNoFeature() {
        for (int padding : new int[] {0, TinyClip.END}) {
            int[] padded = {18, 5, 7, TinyClip.END, padding, padding};
            try (ClipTextBackbone clip = TinyClip.text(DataType.DOUBLE, 2);
                    TokenBatch alone = TokenBatch.of(List.of(TinyClip.text(18, 5, 7, TinyClip.END)), new int[0]);
                    TokenBatch filled = TokenBatch.of(List.of(TinyClip.text(padded)), new int[0])) {
                assertThat(TestArrays.difference(feature(clip, filled), feature(clip, alone)))
                        .isLessThan(1e-13);
            }
        }
    }

    @Test
    void listsWhatIsMissingAndMisshapedWithTheNearestNames() throws IOException {
        try (ClipImageBackbone image = TinyClip.image(DataType.FLOAT, 2)) {
            Map<String, INDArray> tensors = openAi(image);
            String fused = "visual.transformer.resblocks.1.attn.in_proj_weight";
            tensors.put(fused.replace("proj", "project"), Objects.requireNonNull(tensors.remove(fused)));
            tensors.put("visual.proj", TestArrays.normal(DataType.FLOAT, 1, 3, 4));
            Path file = write(tensors);
            try (SafeTensors weights = SafeTensors.open(file)) {
                assertThatThrownBy(() -> ClipImageBackbone.load(TinyClip.imageConfig(2), weights, DataType.FLOAT))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageStartingWith(file + ": does not fit the model")
                        .hasMessageContaining("1 are missing, 1 are of another shape")
                        .hasMessageContaining("missing '" + fused + "' [12, 4]")
                        .hasMessageContaining(fused.replace("proj", "project"))
                        .hasMessageContaining("'visual.proj': expected shape [4, 3], got [3, 4]");
            }
        }
    }

    @Test
    void anotherArchitectureFitsNowhereAndSaysWhatItHolds() throws IOException {
        Path file = write(Map.of("encoder.layer.0.output.dense.bias", TestArrays.normal(DataType.FLOAT, 1, 4)));
        try (SafeTensors weights = SafeTensors.open(file)) {
            assertThatThrownBy(() -> ClipTextBackbone.load(TinyClip.textConfig(1), weights, null, DataType.FLOAT))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("0 tensors fit, 21 are missing")
                    .hasMessageContaining("nothing fits; the file holds: encoder.layer.0.output.dense.bias");
        }
    }

    @Test
    void refusesBatchesThatItCannotRead() {
        try (ClipImageBackbone image = TinyClip.image(DataType.FLOAT, 1);
                ClipTextBackbone text = TinyClip.text(DataType.FLOAT, 1);
                Memory memory = new Memory(DataType.FLOAT)) {
            for (long[] shape : new long[][] {{2, 6, 4, 3}, {2, 4, 6, 3}, {2, 4, 4, 4}}) {
                try (ImageBatch batch = ImageBatch.of(TestArrays.normal(DataType.FLOAT, 1, shape), new int[0])) {
                    assertThatThrownBy(() -> image.context(memory, batch, OptionalLong.empty()))
                            .isInstanceOf(IllegalArgumentException.class)
                            .hasMessage("pixels of the batch must have shape [*, 4, 4, 3], but has "
                                    + Arrays.toString(shape));
                }
            }
            assertRefused(text, memory, new int[9], "batch has 9 tokens, but this network takes at most 8");
            assertRefused(
                    text,
                    memory,
                    new int[] {18, 20},
                    "batch has the token id 20, but this network's vocabulary has 20 entries");
            assertThat(memory.bytes()).isZero();
            assertThatThrownBy(text::tokenizer)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("This network was made without a tokenizer, so it takes no texts");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"clip\" | \"bert\" | has model_type \"bert\", but this network is read only with \"clip\" or"
                        + " \"clip_text_model\"",
                "quick_gelu | relu | : text_config has hidden_act \"relu\", but this network is read only with"
                        + " \"quick_gelu\" or \"gelu\"",
                "\"vocab_size\": 20 | \"vocab_size\": \"many\" | : text_config must have an integer \"vocab_size\"",
                "\"max_position_embeddings\": 8 | \"max_position_embeddings\": 0 | : positions must be positive, but"
                        + " is 0"
            })
    void refusesOtherNetworks(String part, String replacement, String message) throws IOException {
        assertThat(JSON).contains(part);
        Path file = Files.writeString(folder.resolve("config.json"), JSON.replace(part, replacement));
        assertThatThrownBy(() -> ClipTextBackbone.load(folder))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(file.toString())
                .hasMessageContaining(message);
    }

    @Test
    void aTowerAloneHasItsSizesOutsideAndTheRestByDefault() throws IOException {
        Path file = folder.resolve("config.json");
        Files.writeString(
                file, "{\"model_type\": \"clip_vision_model\", \"patch_size\": 16, \"hidden_act\": \"gelu\"}");
        assertThat(ClipConfigFile.image(file))
                .isEqualTo(new ClipImageConfig(224, 16, 3, 768, 12, 12, 3072, 512, Activation.GELU, 1e-5));
        Files.writeString(file, "{\"model_type\": \"clip_text_model\"}");
        assertThat(ClipConfigFile.text(file)).isEqualTo(ClipTextConfig.base());
        Files.writeString(file, "{\"model_type\": \"clip\"}");
        assertThat(ClipConfigFile.image(file)).isEqualTo(ClipImageConfig.base32());
        assertThat(ClipImageConfig.base16().tokens()).isEqualTo(197);
    }

    private static double[] feature(ClipTextBackbone clip, TokenBatch batch) {
        try (Memory memory = new Memory(clip.type())) {
            var context = clip.context(memory, batch, OptionalLong.empty());
            INDArray state = TestArrays.blank(clip.type(), clip.stateShape(batch));
            clip.stem().infer(batch, context, state);
            for (var block : clip.blocks()) {
                INDArray next = TestArrays.blank(clip.type(), state.shape());
                block.infer(state, context, next);
                state = next;
            }
            INDArray feature = TestArrays.blank(clip.type(), batch.size(), clip.featureWidth());
            clip.feature(state, context, feature);
            return TestArrays.numbers(feature);
        }
    }

    private static void assertRefused(ClipTextBackbone clip, Memory memory, int[] ids, String message) {
        try (TokenBatch batch = TokenBatch.of(List.of(TinyClip.text(ids)), new int[0])) {
            assertThatThrownBy(() -> clip.context(memory, batch, OptionalLong.empty()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(message);
        }
    }

    private static void assertSame(Backbone<?> found, Backbone<?> expected) {
        assertThat(found.parameters()).hasSameSizeAs(expected.parameters());
        for (int i = 0; i < expected.parameters().size(); i++) {
            Parameter parameter = expected.parameters().get(i);
            assertThat(found.parameters().get(i).name()).isEqualTo(parameter.name());
            assertThat(TestArrays.numbers(found.parameters().get(i).value()))
                    .isEqualTo(TestArrays.numbers(parameter.value()));
        }
    }

    /** Tensors as Hugging Face writes them. */
    private static Map<String, INDArray> huggingFace(Backbone<?> tower) {
        Map<String, INDArray> tensors = new LinkedHashMap<>();
        for (Parameter parameter : tower.parameters()) {
            INDArray value = parameter.value();
            boolean patches = parameter.name().contains("patch_embedding");
            tensors.put(parameter.name(), patches ? convolution(value) : value);
        }
        return tensors;
    }

    /** [width, patch * patch * 3] as [width, 3, patch, patch]. */
    private static INDArray convolution(INDArray projection) {
        long patch = Math.round(Math.sqrt(projection.size(1) / 3.0));
        INDArray channelsLast = projection.reshape(projection.size(0), patch, patch, 3);
        return channelsLast.permute(0, 3, 1, 2).dup('c');
    }

    /** The same as OpenAI writes them: the projections into attention in one, that of the feature transposed. */
    static Map<String, INDArray> openAi(Backbone<?> tower) {
        Map<String, INDArray> tensors = new LinkedHashMap<>();
        huggingFace(tower).forEach((name, value) -> {
            String own = name.replace("vision_model.embeddings.class_embedding", "visual.class_embedding")
                    .replace("vision_model.embeddings.patch_embedding.weight", "visual.conv1.weight")
                    .replace("vision_model.embeddings.position_embedding.weight", "visual.positional_embedding")
                    .replace("vision_model.pre_layrnorm", "visual.ln_pre")
                    .replace("vision_model.post_layernorm", "visual.ln_post")
                    .replace("vision_model.encoder.layers", "visual.transformer.resblocks")
                    .replace("visual_projection.weight", "visual.proj")
                    .replace("text_model.embeddings.token_embedding", "token_embedding")
                    .replace("text_model.embeddings.position_embedding.weight", "positional_embedding")
                    .replace("text_model.encoder.layers", "transformer.resblocks")
                    .replace("text_model.final_layer_norm", "ln_final")
                    .replace("text_projection.weight", "text_projection")
                    .replace("layer_norm", "ln_")
                    .replace("self_attn.out_proj", "attn.out_proj")
                    .replace("mlp.fc1", "mlp.c_fc")
                    .replace("mlp.fc2", "mlp.c_proj");
            if (own.endsWith("proj") || own.equals("text_projection")) {
                tensors.put(own, value.transpose().dup('c'));
            } else if (own.contains("self_attn")) {
                String fused = own.replaceFirst("self_attn\\.[qkv]_proj\\.", "attn.in_proj_");
                INDArray before = tensors.get(fused);
                tensors.put(fused, before == null ? value : Nd4j.concat(0, before, value)); // in the order q, k, v
            } else {
                tensors.put(own, value);
            }
        });
        return tensors;
    }

    private Path write(Map<String, INDArray> tensors) throws IOException {
        Files.writeString(folder.resolve("config.json"), JSON);
        Files.writeString(folder.resolve("tokenizer.json"), TOKENIZER);
        Path file = folder.resolve("model.safetensors");
        SafeTensors.write(file, tensors, Map.of());
        return file;
    }
}
