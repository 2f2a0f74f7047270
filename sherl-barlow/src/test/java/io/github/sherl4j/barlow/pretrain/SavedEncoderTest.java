package io.github.sherl4j.barlow.pretrain;

import static io.github.sherl4j.TestArrays.numbers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sherl4j.backbone.resnet.ResNetBackbone;
import io.github.sherl4j.backbone.resnet.ResNetConfig;
import io.github.sherl4j.barlow.SmallNets;
import io.github.sherl4j.data.ImageTransform;
import io.github.sherl4j.data.PixelNorm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;

class SavedEncoderTest {
    private static final ImageTransform TRANSFORM =
            ImageTransform.square(28, new PixelNorm(List.of(0.1, 0.2, 0.3), List.of(0.5, 0.25, 1.0)));

    @TempDir
    private Path folder;

    @Test
    void comesBackAsItWas() throws IOException {
        Path saved = folder.resolve("new/net");
        try (ResNetBackbone encoder = ResNetBackbone.random(SmallNets.TINY, DataType.FLOAT, 3)) {
            new SavedEncoder(encoder.config(), TRANSFORM).write(saved, encoder);
            SavedEncoder read = SavedEncoder.read(saved);

            assertThat(read).isEqualTo(new SavedEncoder(SmallNets.TINY, TRANSFORM));
            try (ResNetBackbone loaded = read.load(saved)) {
                for (int i = 0; i < encoder.parameters().size(); i++) {
                    assertThat(numbers(loaded.parameters().get(i).value()))
                            .isEqualTo(numbers(encoder.parameters().get(i).value()));
                }
                assertThat(loaded.fingerprint()).isEqualTo(encoder.fingerprint());
            }
        }
    }

    @Test
    void refusesWhatDoesNotFitInOneSentence() throws IOException {
        try (ResNetBackbone encoder = ResNetBackbone.random(SmallNets.TINY, DataType.FLOAT, 3)) {
            assertThatThrownBy(() -> new SavedEncoder(ResNetConfig.resNet18(), TRANSFORM).write(folder, encoder))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith(
                            "encoder must be of the sizes ResNetConfig[kind=BASIC, depths=[2, 2, 2, 2]");
            new SavedEncoder(SmallNets.TINY, TRANSFORM).write(folder, encoder);
        }
        String config = Files.readString(folder.resolve("config.json"));
        assertMalformed(
                config.replace("\"BASIC\"", "\"ROUND\""),
                "\"kind\" must be one of [BASIC, BOTTLENECK], but is \"ROUND\"");
        assertMalformed(
                config.replace("\"stem_width\"", "\"width\""), "\"stem_width\" must be an integer, but is missing");
        assertMalformed(config.replace("[ 1, 1 ]", "[ 1, 0.5 ]"), "\"depths\" must be integers, but one is 0.5");
        assertMalformed(config.replace("[ 1, 1 ]", "1"), "\"depths\" must be an array of numbers, but is 1");
        assertMalformed(config.replace("[ 1, 1 ]", "[ 1, \"a\" ]"), "\"depths\" must be a number, but is \"a\"");
        assertMalformed(
                config.replace("\"crop\" : 28", "\"crop\" : 29"),
                "crop must be 1 to resize, which is 28, but is 29: a smaller picture holds no such square");
        assertThatThrownBy(() -> SavedEncoder.parse("file", "{"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("file: is no JSON: ");
        assertThatThrownBy(() -> SavedEncoder.read(folder.resolve("none")))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessageContaining("no such file, expected that of a pre-trained network");
    }

    private static void assertMalformed(String config, String message) {
        assertThatThrownBy(() -> SavedEncoder.parse("file", config))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("file: " + message);
    }
}
