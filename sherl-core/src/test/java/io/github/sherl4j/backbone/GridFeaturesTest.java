package io.github.sherl4j.backbone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sherl4j.TestArrays;
import io.github.sherl4j.backbone.resnet.ResNetBackbone;
import io.github.sherl4j.backbone.resnet.ResNetConfig;
import io.github.sherl4j.data.FeatureRows;
import io.github.sherl4j.data.ImageBatch;
import io.github.sherl4j.data.ImageFolder;
import io.github.sherl4j.data.ImageTransform;
import io.github.sherl4j.data.PixelNorm;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.Layer;
import io.github.sherl4j.nd.Memory;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class GridFeaturesTest {
    private static final ResNetConfig CONFIG = ResNetConfig.resNet18()
            .withSizes(List.of(1, 1, 1, 1), 4, List.of(4, 6, 8, 10))
            .withStem(ResNetConfig.Stem.SMALL);

    @TempDir
    private Path folder;

    @Test
    void areTheNetworksLastStateByNameWithAndWithoutEnding() throws IOException {
        BufferedImage image = new BufferedImage(16, 16, BufferedImage.TYPE_INT_RGB);
        image.setRGB(3, 4, 0xff8040);
        ImageIO.write(image, "png", folder.resolve("a.png").toFile());
        ImageIO.write(image, "png", folder.resolve("b.png").toFile());
        ImageFolder pictures = ImageFolder.open(folder);
        ImageTransform transform = ImageTransform.square(16, PixelNorm.IMAGENET);
        try (ResNetBackbone network = ResNetBackbone.random(CONFIG, DataType.FLOAT, 1);
                GridFeatures features = new GridFeatures(network, pictures, transform);
                ImageBatch batch = transform.batch(1, i -> pictures.picture(0).orElseThrow());
                Memory memory = new Memory(DataType.FLOAT)) {
            FeatureRows rows = features.of("a");
            assertThat(rows.width()).isEqualTo(10);
            assertThat(rows.rows()).isEqualTo(4);
            assertThat(features.of("a.png")).isSameAs(rows);

            Context context = network.context(memory, batch, OptionalLong.empty());
            INDArray state = memory.step().array(network.stateShape(batch));
            network.stem().infer(batch, context, state);
            for (Layer block : network.blocks()) {
                INDArray next = memory.step().array(block.outputShape(state.shape()));
                block.infer(state, context, next);
                state = next;
            }
            double[] expected = TestArrays.numbers(state);
            for (int i = 0; i < expected.length; i++) {
                assertThat((double) rows.values()[i]).isEqualTo(expected[i]);
            }
            FeatureRows again = features.of("b"); // the memory is warm
            assertThat(again.values()).isEqualTo(rows.values());
            assertThatThrownBy(() -> features.of("c"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("There is no picture \"c\" among 2 pictures");
        }
    }
}
