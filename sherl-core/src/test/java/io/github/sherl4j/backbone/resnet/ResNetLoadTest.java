package io.github.sherl4j.backbone.resnet;

import static io.github.sherl4j.TestArrays.numbers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sherl4j.NativeBytes;
import io.github.sherl4j.TestArrays;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.weights.SafeTensors;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class ResNetLoadTest {
    private static final ResNetConfig CONFIG = TinyResNet.bottleneck(1, 2);

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"", "backbone.", "module.image.backbone."})
    void readsTorchvisionsNamesWithAnyPrefix(String prefix) throws IOException {
        try (ResNetBackbone source = TinyResNet.of(CONFIG, DataType.FLOAT)) {
            Map<String, INDArray> tensors = tensors(source, prefix);
            tensors.put(prefix + "bn1.num_batches_tracked", TestArrays.of(DataType.INT64, new double[] {5}, 1));
            tensors.put(prefix + "fc.weight", TestArrays.normal(DataType.FLOAT, 1, 10, 16));
            Path file = write(tensors);
            for (DataType type : new DataType[] {DataType.FLOAT, DataType.DOUBLE}) {
                try (SafeTensors weights = SafeTensors.open(file);
                        ResNetBackbone loaded = ResNetBackbone.loadTrainable(CONFIG, weights, type)) {
                    assertSame(loaded, source);
                }
            }
            try (ResNetBackbone folded = ResNetBackbone.load(CONFIG, file)) {
                assertThat(folded.isFolded()).isTrue();
                assertThat(folded.type()).isEqualTo(DataType.FLOAT);
                assertThat(folded.buffers()).isEmpty();
                assertThat(folded.parameters()).hasSize(source.buffers().size());
                try (SafeTensors weights = SafeTensors.open(file);
                        ResNetBackbone whole = ResNetBackbone.loadTrainable(CONFIG, weights, DataType.FLOAT)) {
                    assertThat(folded.fingerprint()).isEqualTo(whole.fingerprint());
                }
            }
        }
    }

    @Test
    void whatIsSavedLoadsAgain() throws IOException {
        Path file = folder.resolve("saved.safetensors");
        try (ResNetBackbone source = TinyResNet.of(CONFIG, DataType.FLOAT)) {
            source.save(file);
            try (SafeTensors weights = SafeTensors.open(file);
                    ResNetBackbone loaded = ResNetBackbone.loadTrainable(CONFIG, weights, DataType.FLOAT)) {
                assertSame(loaded, source);
                try (ResNetBackbone folded = loaded.folded()) {
                    assertThatThrownBy(() -> folded.save(file))
                            .isInstanceOf(IllegalStateException.class)
                            .hasMessage("The norms of this network are folded into its convolutions");
                }
            }
        }
    }

    @Test
    void theFingerprintIsThatOfWeightsAndStatisticsAndSizes() throws IOException {
        try (ResNetBackbone source = TinyResNet.of(CONFIG, DataType.FLOAT)) {
            Map<String, INDArray> tensors = tensors(source, "");
            Path file = write(tensors);
            String first = fingerprint(CONFIG, file);
            assertThat(fingerprint(CONFIG.withZeroLastNorm(true), file)).isEqualTo(first);
            assertThat(fingerprint(CONFIG.withLayout(ResNetConfig.Layout.CAFFE), file))
                    .isNotEqualTo(first);
            TestArrays.set(Objects.requireNonNull(tensors.get("layer2.1.bn2.running_var")), 1, 0.125);
            assertThat(fingerprint(CONFIG, write(tensors))).isNotEqualTo(first);
        }
    }

    @Test
    void listsWhatIsMissingAndMisshapedWithTheNearestNames() throws IOException, InterruptedException {
        try (ResNetBackbone source = TinyResNet.of(CONFIG, DataType.FLOAT)) {
            Map<String, INDArray> tensors = tensors(source, "backbone.");
            INDArray moved = Objects.requireNonNull(tensors.remove("backbone.layer2.1.conv1.weight"));
            tensors.put("backbone.layer2.1.convl.weight", moved);
            tensors.put("backbone.bn1.running_mean", TestArrays.normal(DataType.FLOAT, 1, 5));
            Path file = write(tensors);
            long before = NativeBytes.settled();
            assertThatThrownBy(() -> ResNetBackbone.load(CONFIG, file))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith(file + ": does not fit the model")
                    .hasMessageContaining("1 are missing, 1 are of another shape")
                    .hasMessageContaining("missing 'backbone.layer2.1.conv1.weight' [4, 16, 1, 1]")
                    .hasMessageContaining("backbone.layer2.1.convl.weight")
                    .hasMessageContaining("'backbone.bn1.running_mean': expected shape [4], got [5]");
            assertThat(NativeBytes.settled()).isEqualTo(before);
        }
    }

    @Test
    void anotherArchitectureIsOneSentence() throws IOException {
        try (ResNetBackbone source = TinyResNet.of(CONFIG, DataType.FLOAT)) {
            Path file = write(tensors(source, ""));
            String found = ", but got one of bottleneck blocks [1, 2], the first 2 channels wide in 2 groups";
            assertRefused(
                    file,
                    TinyResNet.bottleneck(1, 3),
                    "expected a ResNet of bottleneck blocks [1, 3], the first 2 channels wide in 2 groups" + found);
            assertRefused(
                    file,
                    CONFIG.withGroups(1, 64),
                    "expected a ResNet of bottleneck blocks [1, 2], the first 2 channels wide in one group" + found);
            assertRefused(
                    file,
                    ResNetConfig.resNet18(),
                    "expected a ResNet of basic blocks [2, 2, 2, 2], the first 64 channels wide in one group" + found);
        }
        Path other = write(Map.of("encoder.weight", TestArrays.normal(DataType.FLOAT, 1, 4)));
        assertRefused(
                other,
                CONFIG,
                "holds no ResNet under torchvision's names, such as layer1.0.conv1.weight, but encoder.weight");
        assertThatThrownBy(() -> ResNetBackbone.load(CONFIG, folder.resolve("none.safetensors")))
                .isInstanceOf(NoSuchFileException.class);
    }

    private static void assertRefused(Path file, ResNetConfig config, String message) {
        assertThatThrownBy(() -> ResNetBackbone.load(config, file))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(file + ": " + message);
    }

    private static void assertSame(ResNetBackbone loaded, ResNetBackbone source) {
        assertThat(all(loaded).map(Parameter::name))
                .isEqualTo(all(source).map(Parameter::name).toList());
        assertThat(all(loaded).map(parameter -> numbers(parameter.value())))
                .usingRecursiveComparison()
                .isEqualTo(
                        all(source).map(parameter -> numbers(parameter.value())).toList());
    }

    private static Stream<Parameter> all(ResNetBackbone backbone) {
        return Stream.concat(backbone.parameters().stream(), backbone.buffers().stream());
    }

    private static Map<String, INDArray> tensors(ResNetBackbone backbone, String prefix) {
        Map<String, INDArray> tensors = new LinkedHashMap<>();
        all(backbone).forEach(parameter -> tensors.put(prefix + parameter.name(), parameter.value()));
        return tensors;
    }

    private Path write(Map<String, INDArray> tensors) throws IOException {
        Path file = folder.resolve("model.safetensors");
        SafeTensors.write(file, tensors, Map.of());
        return file;
    }

    private static String fingerprint(ResNetConfig config, Path file) throws IOException {
        try (ResNetBackbone loaded = ResNetBackbone.load(config, file)) {
            return loaded.fingerprint();
        }
    }
}
