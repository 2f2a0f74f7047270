package io.github.sherl4j.route;

import static io.github.sherl4j.TestArrays.numbers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sherl4j.backbone.bert.TinyBert;
import io.github.sherl4j.backbone.detr.DetrConfig;
import io.github.sherl4j.backbone.detr.MdetrNetwork;
import io.github.sherl4j.backbone.resnet.ResNetBackbone;
import io.github.sherl4j.data.SceneBatch;
import io.github.sherl4j.weights.SafeTensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class GroundingFilesTest {
    private static final DataType TYPE = DataType.FLOAT;
    private static final SceneConfig CONFIG = SceneConfig.defaults()
            .withTaps(new SceneTaps(List.of(1, 2), List.of(0, 1)))
            .withDropout(0.25)
            .withHeadRate(0.5)
            .withSeed(3);

    @TempDir
    Path folder;

    private static MdetrNetwork network() {
        return TinyScenes.network(TYPE, 3, 3);
    }

    private static List<double[]> learned(GroundingModel model) {
        return model.parameters().parameters().stream()
                .map(parameter -> numbers(parameter.value()))
                .toList();
    }

    @Test
    void adaptersAndHeadsComeBackToTheBit() throws IOException {
        try (MdetrNetwork network = network();
                SceneBatch batch = TinyScenes.batch(TYPE);
                GroundingModel model = GroundingModel.sherl(network, CONFIG.withDropout(0))) {
            TinyScenes.redraw(model.parameters().parameters());
            model.save(folder);
            try (GroundingModel loaded = GroundingModel.load(network, folder)) {
                assertThat(loaded.config()).isEqualTo(CONFIG.withDropout(0).withSeed(0));
                assertThat(learned(loaded)).usingRecursiveComparison().isEqualTo(learned(model));
                assertThat(loaded.accumulate(batch, 1, 1)).isEqualTo(model.accumulate(batch, 1, 1));
            }
        }
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder("adapter.safetensors", "adapter.json");
        }
        assertThat(folder.resolve("adapter.json")).content().contains("\"grounding\"", "\"MDETR\"", "\"encoderTaps\"");
    }

    @Test
    void tapsAreWrittenAlsoWhereTheyWereTheDefault() throws IOException {
        try (MdetrNetwork network = network();
                GroundingModel model = GroundingModel.sherl(network, SceneConfig.defaults())) {
            model.save(folder);
            try (GroundingModel loaded = GroundingModel.load(network, folder)) {
                assertThat(loaded.config()).isEqualTo(SceneConfig.defaults().withTaps(SceneTaps.all(3, 3)));
            }
        }
        assertThat(SceneConfig.defaults().tapsOf(DetrConfig.mdetr())).isEqualTo(SceneTaps.published());
    }

    @Test
    void anotherNetworkIsRefused() throws IOException {
        try (MdetrNetwork network = network();
                MdetrNetwork other = MdetrNetwork.random(
                        TinyScenes.config(3, 3),
                        TinyScenes.CLASSES,
                        ResNetBackbone.random(TinyScenes.pictures(), TYPE, 1),
                        TinyBert.of(TYPE, 1),
                        77);
                GroundingModel model = GroundingModel.sherl(network, CONFIG)) {
            model.save(folder);
            assertThatThrownBy(() -> GroundingModel.load(other, folder))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(folder.resolve("adapter.safetensors")
                            + " was trained on the backbone with fingerprint " + network.fingerprint()
                            + ", but the given backbone has " + other.fingerprint());
        }
    }

    @Test
    void filesOfAnotherKindOrWithoutATensorAreRefused() throws IOException {
        Path file = folder.resolve("adapter.safetensors");
        try (MdetrNetwork network = network();
                GroundingModel model = GroundingModel.sherl(network, CONFIG)) {
            SafeTensors.write(
                    file, AdapterFiles.tensors(model), Map.of("sherl", "{\"format\": 1, \"kind\": \"questions\"}"));
            assertThatThrownBy(() -> GroundingModel.load(network, folder))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(file + " must be an adapter for grounding, but its kind is \"questions\"");
            model.save(folder);
            Map<String, INDArray> tensors = AdapterFiles.tensors(model);
            assertThat(tensors.remove("head.class_embed.bias")).isNotNull();
            try (SafeTensors saved = SafeTensors.open(file)) {
                SafeTensors.write(folder.resolve("cut.safetensors"), tensors, saved.metadata());
            }
            Files.move(folder.resolve("cut.safetensors"), file, StandardCopyOption.REPLACE_EXISTING);
            assertThatThrownBy(() -> GroundingModel.load(network, folder))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("missing 'head.class_embed.bias' [9]");
        }
    }

    @Test
    void onlyModelsThatSayHowTheyWereMadeAreSaved() {
        try (MdetrNetwork network = network();
                GroundingModel model = new GroundingModel(network, new FrozenScene(network.transformer()), null, 1)) {
            assertThatThrownBy(() -> model.save(folder))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("Only a model that is made by GroundingModel.sherl has adapters to save");
        }
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void refusesNumbersThatMakeNoAdapter() {
        assertThatThrownBy(() -> SceneConfig.defaults().withReduction(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("reduction must be positive, but is 0.0");
        assertThatThrownBy(() -> SceneConfig.defaults().withDropout(1))
                .hasMessage("dropout must be in [0, 1), but is 1.0");
        assertThatThrownBy(() -> SceneConfig.defaults().withHeadRate(0))
                .hasMessage("headRate must be positive, but is 0.0");
    }
}
