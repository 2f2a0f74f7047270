package io.github.sherl4j.backbone.vit;

import static io.github.sherl4j.TestArrays.difference;
import static io.github.sherl4j.TestArrays.numbers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sherl4j.NativeBytes;
import io.github.sherl4j.TestArrays;
import io.github.sherl4j.data.ImageBatch;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.weights.SafeTensors;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class VitBackboneTest {
    private static final VitConfig TINY = new VitConfig(12, 4, 3, 12, 3, 3, 20, 1e-12);
    private static final String JSON = """
        {"model_type": "vit", "hidden_act": "gelu", "qkv_bias": true, "image_size": 12, "patch_size": 4,
         "num_channels": 3, "hidden_size": 12, "num_hidden_layers": 3, "num_attention_heads": 3,
         "intermediate_size": 20, "layer_norm_eps": 1e-12}
        """;

    @TempDir
    private Path folder;

    @ParameterizedTest
    @EnumSource(
            value = DataType.class,
            names = {"DOUBLE", "FLOAT"})
    void hasTheStatesOfPyTorchsOwnTransformerModules(DataType type) throws IOException {
        try (SafeTensors file = SafeTensors.open(fixture());
                VitBackbone vit = VitBackbone.load(TINY, file, type);
                ImageBatch batch = pictures(file, type);
                Memory memory = new Memory(type)) {
            Context context = vit.context(memory, batch, OptionalLong.empty());
            INDArray state = TestArrays.blank(type, vit.stateShape(batch));
            vit.stem().infer(batch, context, state);
            check(file, "hidden.0", state);
            for (int i = 0; i < TINY.layers(); i++) {
                INDArray next = TestArrays.blank(type, vit.stateShape(batch, i + 1));
                vit.blocks().get(i).infer(state, context, next);
                check(file, "hidden." + (i + 1), next);
                state = next;
            }
        }
    }

    @Test
    void readsNamesWithAndWithoutPrefixBesidePoolerAndClassifier() throws IOException, InterruptedException {
        try (SafeTensors file = SafeTensors.open(fixture());
                VitBackbone expected = VitBackbone.load(TINY, file, DataType.FLOAT)) {
            Map<String, INDArray> bare = new LinkedHashMap<>();
            tensors(file).forEach((name, tensor) -> bare.put(name.replaceFirst("^vit\\.", ""), tensor));
            bare.put("pooler.dense.weight", TestArrays.normal(DataType.FLOAT, 1, 12, 12));
            bare.put("classifier.bias", TestArrays.normal(DataType.FLOAT, 1, 5));
            SafeTensors.write(folder.resolve("model.safetensors"), bare, Map.of());
            Files.writeString(folder.resolve("config.json"), JSON);

            long before = NativeBytes.settled();
            try (VitBackbone loaded = VitBackbone.load(folder)) {
                assertThat(loaded.config()).isEqualTo(TINY);
                assertThat(loaded.fingerprint()).isEqualTo(expected.fingerprint());
                assertThat(loaded.parameters()).hasSize(4 + 3 * 16 + 2).noneMatch(Parameter::trainable);
            }
            assertThat(NativeBytes.settled()).isEqualTo(before);
        }
    }

    @Test
    void listsWhatIsMissingAndMisshaped() throws IOException {
        try (SafeTensors file = SafeTensors.open(fixture())) {
            Map<String, INDArray> tensors = tensors(file);
            String query = "vit.encoder.layer.1.attention.attention.query.weight";
            tensors.put(query.replace("query", "q"), Objects.requireNonNull(tensors.remove(query)));
            tensors.put("vit.embeddings.cls_token", TestArrays.normal(DataType.FLOAT, 1, 12));
            Path broken = folder.resolve("model.safetensors");
            SafeTensors.write(broken, tensors, Map.of());
            try (SafeTensors weights = SafeTensors.open(broken)) {
                assertThatThrownBy(() -> VitBackbone.load(TINY, weights, DataType.FLOAT))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("1 are missing, 1 are of another shape")
                        .hasMessageContaining("missing '" + query + "' [12, 12]")
                        .hasMessageContaining(query.replace("query", "q"))
                        .hasMessageContaining("'vit.embeddings.cls_token': expected shape [1, 1, 12], got [12]");
            }
        }
    }

    @Test
    void refusesOtherPicturesAndSizes() {
        try (VitBackbone vit = VitBackbone.random(TINY, DataType.FLOAT, 1);
                Memory memory = new Memory(DataType.FLOAT)) {
            for (long[] shape : new long[][] {{1, 16, 12, 3}, {1, 12, 16, 3}, {1, 12, 12, 1}}) {
                try (ImageBatch batch = ImageBatch.of(TestArrays.normal(DataType.FLOAT, 1, shape), new int[0])) {
                    assertThatThrownBy(() -> vit.context(memory, batch, OptionalLong.empty()))
                            .isInstanceOf(IllegalArgumentException.class)
                            .hasMessage("pixels of the batch must have shape [*, 12, 12, 3], but has "
                                    + Arrays.toString(shape));
                }
            }
        }
        assertThatThrownBy(() -> new VitConfig(10, 4, 3, 12, 1, 3, 20, 1e-12))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("patch must divide the image 10, but is 4");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"vit\" | \"deit\" | has model_type \"deit\", but this network is read only with \"vit\"",
                "\"gelu\" | \"relu\" | has hidden_act \"relu\", but this network is read only with \"gelu\"",
                "true | false | has qkv_bias \"false\", but this network is read only with \"true\"",
                "\"patch_size\": 4 | \"patch_size\": 5 | : patch must divide the image 12, but is 5",
                "\"hidden_size\": 12 | \"hidden_size\": \"a\" | must have an integer \"hidden_size\", but has \"a\""
            })
    void refusesOtherNetworks(String part, String replacement, String message) throws IOException {
        assertThat(JSON).contains(part);
        Path file = Files.writeString(folder.resolve("config.json"), JSON.replace(part, replacement));
        assertThatThrownBy(() -> VitBackbone.load(folder))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(file.toString())
                .hasMessageContaining(message);
    }

    private static void check(SafeTensors file, String tensor, INDArray state) {
        try (INDArray expected = file.read(tensor, DataType.DOUBLE)) {
            double scale = expected.amaxNumber().doubleValue();
            double allowed = state.dataType() == DataType.DOUBLE ? 1e-6 : 1e-4;
            assertThat(difference(numbers(state), numbers(expected)) / scale)
                    .as(tensor)
                    .isLessThan(allowed);
        }
    }

    private static ImageBatch pictures(SafeTensors file, DataType type) {
        try (INDArray channelsFirst = file.read("input.pictures", type)) {
            return ImageBatch.of(channelsFirst.permute(0, 2, 3, 1).dup('c'), new int[0]);
        }
    }

    private static Map<String, INDArray> tensors(SafeTensors file) {
        Map<String, INDArray> tensors = new LinkedHashMap<>();
        for (String name : file.names()) {
            if (name.startsWith("vit.")) {
                tensors.put(name, file.read(name, DataType.FLOAT));
            }
        }
        return tensors;
    }

    private static Path fixture() {
        try {
            return Path.of(Objects.requireNonNull(VitBackboneTest.class.getResource("tiny-vit.safetensors"))
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
