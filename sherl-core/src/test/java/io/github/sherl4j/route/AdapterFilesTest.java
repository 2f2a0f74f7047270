package io.github.sherl4j.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sherl4j.adapter.AdapterPreset;
import io.github.sherl4j.backbone.bert.BertBackbone;
import io.github.sherl4j.backbone.bert.TinyBert;
import io.github.sherl4j.data.TokenBatch;
import io.github.sherl4j.data.TokenizedData;
import io.github.sherl4j.head.Pooling;
import io.github.sherl4j.train.TrainConfig;
import io.github.sherl4j.train.Trainer;
import io.github.sherl4j.weights.SafeTensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class AdapterFilesTest {
    private static final ClassifierOptions OPTIONS = ClassifierOptions.of(List.of("ham", "spam", "other"))
            .withMaxLength(12)
            .withPooling(Pooling.CLS);
    private static final SherlConfig CONFIG =
            SherlConfig.defaults().withLateLayers(2).withTaps(List.of(0, 2));

    @TempDir
    Path folder;

    private static void saveTrained(BertBackbone bert, Path to) throws IOException {
        try (TokenBatch batch = TinyBert.batch()) {
            saveTrained(bert, to, batch);
        }
    }

    private static double[][] saveTrained(BertBackbone bert, Path to, TokenBatch batch) throws IOException {
        try (SherlModel model = SherlModel.classifier(bert, CONFIG.withSeed(5), OPTIONS)) {
            TokenizedData data = TokenizedData.of(List.of(TinyBert.text(2, 5, 3), TinyBert.pair()), new int[] {0, 2});
            new Trainer(TrainConfig.defaults().withPeakRate(0.05).withEpochs(3)).fit(model, data, null);
            model.save(to);
            return model.probabilities(batch);
        }
    }

    @Test
    void aSavedModelPredictsTheSameToTheBit() throws IOException {
        try (BertBackbone bert = TinyBert.of(DataType.FLOAT, 4);
                TokenBatch batch = TinyBert.batch();
                SherlModel untrained = SherlModel.classifier(bert, CONFIG, OPTIONS)) {
            double[][] expected = saveTrained(bert, folder.resolve("adapter"), batch);
            try (SherlModel loaded = SherlModel.load(bert, folder.resolve("adapter"))) {
                assertThat(Arrays.deepEquals(loaded.probabilities(batch), expected))
                        .isTrue();
                assertThat(loaded.options()).isEqualTo(OPTIONS);
                assertThat(loaded.config()).isEqualTo(CONFIG);
            }
            assertThat(Arrays.deepEquals(untrained.probabilities(batch), expected))
                    .isFalse();
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = AdapterPreset.class,
            names = {"CLIP_VIL", "T5", "MDETR"})
    void everyPresetComesBackFromItsFile(AdapterPreset preset) throws IOException {
        SherlConfig config = CONFIG.withPreset(preset).withSeed(8);
        try (BertBackbone bert = TinyBert.of(DataType.FLOAT, 4);
                TokenBatch batch = TinyBert.batch();
                SherlModel model = SherlModel.classifier(bert, config, OPTIONS)) {
            model.save(folder);
            try (SherlModel loaded = SherlModel.load(bert, folder)) {
                assertThat(loaded.config()).isEqualTo(config.withSeed(0));
                assertThat(Arrays.deepEquals(loaded.probabilities(batch), model.probabilities(batch)))
                        .isTrue();
            }
        }
        assertThat(Files.readString(folder.resolve("adapter.json"))).contains("\"preset\" : \"" + preset + "\"");
    }

    @Test
    void aFileWithoutPresetIsThatOfTheTextAdapterAndAnUnknownPresetIsRefused() throws IOException {
        try (BertBackbone bert = TinyBert.of(DataType.FLOAT, 4)) {
            saveTrained(bert, folder);
            rewrite(text -> text.replaceFirst("\\s*\"preset\" : \"VSE_TEXT\",", ""));
            try (SherlModel loaded = SherlModel.load(bert, folder)) {
                assertThat(loaded.config()).isEqualTo(CONFIG);
            }
            rewrite(text -> text.replaceFirst("\"reduction\"", "\"preset\" : \"GRU\", \"reduction\""));
            assertThatThrownBy(() -> SherlModel.load(bert, folder))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("adapter.safetensors has the unknown preset GRU, but this version knows")
                    .hasMessageContaining("VSE_TEXT, VSE_IMAGE");
        }
    }

    /** Changes the description in the weights file. */
    private void rewrite(UnaryOperator<String> change) throws IOException {
        Path file = folder.resolve("adapter.safetensors");
        Map<String, INDArray> tensors = new LinkedHashMap<>();
        String description;
        try (SafeTensors weights = SafeTensors.open(file)) {
            description = weights.metadata().get("sherl");
            weights.names().forEach(name -> tensors.put(name, weights.read(name, DataType.FLOAT)));
        }
        assertThat(change.apply(description)).isNotEqualTo(description);
        SafeTensors.write(file, tensors, Map.of("sherl", change.apply(description)));
        tensors.values().forEach(INDArray::close);
    }

    @Test
    void twoFilesAreWrittenAndReplacedWithoutLeftovers() throws IOException {
        try (BertBackbone bert = TinyBert.of(DataType.FLOAT, 4)) {
            saveTrained(bert, folder);
            saveTrained(bert, folder);
        }
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder("adapter.safetensors", "adapter.json");
        }
        assertThat(Files.readString(folder.resolve("adapter.json"))).contains("\"labels\"", "\"spam\"", "\"backbone\"");
    }

    @Test
    void loadingNeedsTheWeightsFileAlone() throws IOException {
        try (BertBackbone bert = TinyBert.of(DataType.FLOAT, 4)) {
            saveTrained(bert, folder);
            Files.delete(folder.resolve("adapter.json"));
            SherlModel.load(bert, folder).close();
        }
    }

    @Test
    void anotherBackboneIsRefused() throws IOException {
        try (BertBackbone bert = TinyBert.of(DataType.FLOAT, 4);
                BertBackbone other = BertBackbone.random(TinyBert.config(4), null, DataType.FLOAT, 9)) {
            saveTrained(bert, folder);
            assertThatThrownBy(() -> SherlModel.load(other, folder))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(
                            "adapter.safetensors was trained on the backbone with fingerprint " + bert.fingerprint())
                    .hasMessageContaining("but the given backbone has " + other.fingerprint());
        }
    }

    @Test
    void aDamagedFileIsRefused() throws IOException {
        try (BertBackbone bert = TinyBert.of(DataType.FLOAT, 4)) {
            saveTrained(bert, folder);
            Path file = folder.resolve("adapter.safetensors");
            byte[] bytes = Files.readAllBytes(file);
            Files.write(file, Arrays.copyOf(bytes, bytes.length - 4));
            assertThatThrownBy(() -> SherlModel.load(bert, folder))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("adapter.safetensors");
        }
    }

    @Test
    void aForeignFileAndANewerFormatAreRefused() throws IOException {
        Path file = folder.resolve("adapter.safetensors");
        try (BertBackbone bert = TinyBert.of(DataType.FLOAT, 4);
                INDArray tensor = Nd4j.create(DataType.FLOAT, 2, 2)) {
            SafeTensors.write(file, Map.of("x", tensor), Map.of());
            assertThatThrownBy(() -> SherlModel.load(bert, folder))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("holds no SHERL adapter: its metadata lacks \"sherl\"");
            SafeTensors.write(file, Map.of("x", tensor), Map.of("sherl", "{\"format\": 7}"));
            assertThatThrownBy(() -> SherlModel.load(bert, folder))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("has format 7, but this version of the library reads format 1");
            SafeTensors.write(file, Map.of("x", tensor), Map.of("sherl", "{\"format\": 1}"));
            assertThatThrownBy(() -> SherlModel.load(bert, folder))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("has a description without \"backbone\"");
        }
    }

    @Test
    void aMissingFileIsNamed() {
        try (BertBackbone bert = TinyBert.of(DataType.FLOAT, 4)) {
            assertThatThrownBy(() -> SherlModel.load(bert, folder))
                    .isInstanceOf(NoSuchFileException.class)
                    .hasMessageContaining("adapter.safetensors");
        }
    }
}
