package io.github.sherl4j.backbone.bert;

import static io.github.sherl4j.TestArrays.numbers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sherl4j.NativeBytes;
import io.github.sherl4j.TestArrays;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.weights.SafeTensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class BertLoadTest {
    private static final String QUERY = "encoder.layer.1.attention.self.query.weight";

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"", "bert.", "gamma", "bert.gamma"})
    void readsNamesWithAndWithoutPrefixAndTheOlderNamesOfNorms(String naming) throws IOException {
        UnaryOperator<String> names = name -> {
            String older =
                    name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta");
            return (naming.startsWith("bert.") ? "bert." : "") + (naming.endsWith("gamma") ? older : name);
        };
        try (BertBackbone source = TinyBert.of(DataType.FLOAT, 2)) {
            Map<String, INDArray> tensors = tensors(source, names);
            tensors.put("cls.predictions.bias", TestArrays.normal(DataType.FLOAT, 1, 48));
            tensors.put(names.apply("pooler.dense.weight"), TestArrays.normal(DataType.FLOAT, 2, 4, 4));
            Path file = write(tensors);
            for (DataType type : new DataType[] {DataType.FLOAT, DataType.DOUBLE}) {
                try (SafeTensors weights = SafeTensors.open(file);
                        BertBackbone loaded = BertBackbone.load(TinyBert.config(2), weights, null, type)) {
                    assertThat(loaded.type()).isEqualTo(type);
                    assertThat(loaded.parameters())
                            .extracting(Parameter::name)
                            .isEqualTo(source.parameters().stream()
                                    .map(Parameter::name)
                                    .toList());
                    for (int i = 0; i < loaded.parameters().size(); i++) {
                        INDArray value = loaded.parameters().get(i).value();
                        assertThat(value.dataType()).isEqualTo(type);
                        assertThat(numbers(value))
                                .isEqualTo(numbers(source.parameters().get(i).value()));
                    }
                }
            }
        }
    }

    @Test
    void theFingerprintIsThatOfTheWeights() throws IOException {
        try (BertBackbone source = TinyBert.of(DataType.FLOAT, 2)) {
            Map<String, INDArray> tensors = tensors(source, name -> name);
            String first = fingerprint(write(tensors));
            assertThat(fingerprint(write(tensors))).isEqualTo(first);

            TestArrays.set(Objects.requireNonNull(tensors.get(QUERY)), 3, 0.125);
            assertThat(fingerprint(write(tensors))).isNotEqualTo(first);
        }
    }

    @Test
    void listsWhatIsMissingAndMisshapedWithTheNearestNames() throws IOException {
        try (BertBackbone source = TinyBert.of(DataType.FLOAT, 2)) {
            Map<String, INDArray> tensors = tensors(source, name -> name);
            tensors.put(QUERY.replace("query", "querry"), Objects.requireNonNull(tensors.remove(QUERY)));
            tensors.put("encoder.layer.0.output.dense.bias", TestArrays.normal(DataType.FLOAT, 1, 5));
            tensors.put("embeddings.word_embeddings.weight", TestArrays.normal(DataType.FLOAT, 1, 4, 48));
            Path file = write(tensors);
            try (SafeTensors weights = SafeTensors.open(file)) {
                assertThatThrownBy(() -> BertBackbone.load(TinyBert.config(2), weights, null, DataType.FLOAT))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageStartingWith(file + ": does not fit the model")
                        .hasMessageContaining("1 are missing, 2 are of another shape")
                        .hasMessageContaining("missing '" + QUERY + "' [4, 4]")
                        .hasMessageContaining(QUERY.replace("query", "querry"))
                        .hasMessageContaining("'encoder.layer.0.output.dense.bias': expected shape [4], got [5]")
                        .hasMessageContaining(
                                "'embeddings.word_embeddings.weight': expected shape [48, 4], got [4, 48]");
            }
        }
    }

    @Test
    void aFileOfFewerLayersLacksTheRest() throws IOException {
        try (BertBackbone source = TinyBert.of(DataType.FLOAT, 1);
                SafeTensors weights = SafeTensors.open(write(tensors(source, name -> "bert." + name)))) {
            assertThatThrownBy(() -> BertBackbone.load(TinyBert.config(2), weights, null, DataType.FLOAT))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("16 are missing")
                    .hasMessageContaining("missing 'bert.encoder.layer.1.output.LayerNorm.bias' [4]");
        }
    }

    @Test
    void anotherArchitectureFitsNowhereAndSaysWhatItHolds() throws IOException {
        Map<String, INDArray> tensors =
                Map.of("transformer.h.0.attn.c_attn.weight", TestArrays.normal(DataType.FLOAT, 1, 4, 12));
        try (SafeTensors weights = SafeTensors.open(write(tensors))) {
            assertThatThrownBy(() -> BertBackbone.load(TinyBert.config(1), weights, null, DataType.FLOAT))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("0 tensors fit, 21 are missing")
                    .hasMessageContaining("nothing fits; the file holds: transformer.h.0.attn.c_attn.weight");
        }
    }

    @Test
    void loadsAFolder() throws IOException, InterruptedException {
        try (BertBackbone source = TinyBert.of(DataType.FLOAT, 2)) {
            write(tensors(source, name -> name));
            Files.writeString(folder.resolve("config.json"), BertConfigFileTest.TINY);
            assertThatThrownBy(() -> BertBackbone.load(folder))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("tokenizer.json");

            copyTokenizer();
            try (BertBackbone loaded = BertBackbone.load(folder)) {
                assertThat(loaded.fingerprint()).isEqualTo(fingerprint(folder.resolve("model.safetensors")));
                assertThat(loaded.type()).isEqualTo(DataType.FLOAT);
                assertThat(loaded.tokenizer().encode("the cat", null, 12).ids()).containsExactly(2, 5, 24, 3);
            }
            Files.delete(folder.resolve("model.safetensors"));
            assertThatThrownBy(() -> BertBackbone.load(folder))
                    .isInstanceOf(NoSuchFileException.class)
                    .hasMessageContaining("model.safetensors");
        }
    }

    @Test
    void aFolderThatDoesNotFitLeavesNothingBehind() throws IOException, InterruptedException {
        try (BertBackbone source = TinyBert.of(DataType.FLOAT, 1)) {
            write(tensors(source, name -> name));
            Files.writeString(folder.resolve("config.json"), BertConfigFileTest.TINY);
            copyTokenizer();
            long before = NativeBytes.settled();

            assertThatThrownBy(() -> BertBackbone.load(folder))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("16 are missing");

            assertThat(NativeBytes.settled()).isEqualTo(before);
        }
    }

    private void copyTokenizer() throws IOException {
        try (var json = Objects.requireNonNull(
                BertLoadTest.class.getResourceAsStream("/io/github/sherl4j/data/tiny-tokenizer.json"))) {
            Files.copy(json, folder.resolve("tokenizer.json"));
        }
    }

    private Path write(Map<String, INDArray> tensors) throws IOException {
        Path file = folder.resolve("model.safetensors");
        SafeTensors.write(file, tensors, Map.of());
        return file;
    }

    private static String fingerprint(Path file) throws IOException {
        try (SafeTensors weights = SafeTensors.open(file);
                BertBackbone loaded = BertBackbone.load(TinyBert.config(2), weights, null, DataType.FLOAT)) {
            return loaded.fingerprint();
        }
    }

    private static Map<String, INDArray> tensors(BertBackbone bert, UnaryOperator<String> names) {
        Map<String, INDArray> tensors = new LinkedHashMap<>();
        for (Parameter parameter : bert.parameters()) {
            tensors.put(names.apply(parameter.name()), parameter.value());
        }
        return tensors;
    }
}
