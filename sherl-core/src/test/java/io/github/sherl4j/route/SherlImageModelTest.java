package io.github.sherl4j.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sherl4j.adapter.AdapterPreset;
import io.github.sherl4j.backbone.bert.BertBackbone;
import io.github.sherl4j.backbone.bert.TinyBert;
import io.github.sherl4j.backbone.resnet.ResNetBackbone;
import io.github.sherl4j.backbone.resnet.TinyResNet;
import io.github.sherl4j.data.ImageBatch;
import io.github.sherl4j.data.ImageData;
import io.github.sherl4j.data.ImageFolder;
import io.github.sherl4j.data.ImageTransform;
import io.github.sherl4j.data.Picture;
import io.github.sherl4j.data.PixelNorm;
import io.github.sherl4j.head.Pooling;
import io.github.sherl4j.train.TrainConfig;
import io.github.sherl4j.train.Trainer;
import io.github.sherl4j.tuning.FullTuning;
import io.github.sherl4j.tuning.HeadOnly;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;

class SherlImageModelTest {
    private static final DataType TYPE = DataType.FLOAT;
    private static final ImageClassifierOptions OPTIONS =
            ImageClassifierOptions.of(List.of("dark", "light"), ImageTransform.square(8, PixelNorm.IMAGENET));

    @TempDir
    Path folder;

    private static ResNetBackbone resNet(long seed) {
        return ResNetBackbone.random(TinyResNet.bottleneck(2, 2), TYPE, seed);
    }

    private static SherlConfig config(ResNetBackbone backbone) {
        return SherlConfig.defaults()
                .withPreset(AdapterPreset.VSE_IMAGE)
                .withTaps(backbone.config().stageTaps());
    }

    /** Four dark and four light pictures in a folder of their class each. */
    private ImageFolder pictures() throws IOException {
        for (int i = 0; i < 8; i++) {
            String name = i % 2 == 0 ? "dark" : "light";
            BufferedImage image = new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB);
            for (int x = 0; x < 64; x++) {
                image.setRGB(x % 8, x / 8, i % 2 == 0 ? 0x101008 + i * x : 0xf0f0e0 - i * x);
            }
            Path file = folder.resolve("pictures/" + name + "/" + i + ".png");
            Files.createDirectories(file.getParent());
            ImageIO.write(image, "png", file.toFile());
        }
        return ImageFolder.open(folder.resolve("pictures"));
    }

    @Test
    void learnsPredictsAndComesBackToTheBit() throws IOException {
        ImageFolder source = pictures();
        Path saved = folder.resolve("adapter");
        try (ResNetBackbone backbone = resNet(1);
                SherlImageModel model = SherlImageModel.classifier(backbone, config(backbone), OPTIONS.withSeed(5))) {
            ImageData data = model.data(source);
            new Trainer(TrainConfig.defaults().withPeakRate(0.02).withEpochs(8).withBatchSize(4))
                    .fit(model, data, () -> model.evaluate(data).accuracy());
            assertThat(model.evaluate(data).accuracy()).isEqualTo(1);
            List<Picture> two = List.of(
                    Picture.read(folder.resolve("pictures/light/1.png")),
                    Picture.read(folder.resolve("pictures/dark/0.png")));
            List<Prediction> expected = model.predict(two);
            assertThat(expected).extracting(Prediction::label).containsExactly("light", "dark");
            assertThat(model.predict(List.of())).isEmpty();

            model.save(saved);
            try (SherlImageModel loaded = SherlImageModel.load(backbone, saved)) {
                assertThat(loaded.predict(two)).isEqualTo(expected);
                assertThat(loaded.options()).isEqualTo(OPTIONS);
                assertThat(loaded.config()).isEqualTo(config(backbone));
            }
        }
    }

    @Test
    void anotherNetworkIsRefused() throws IOException {
        try (ResNetBackbone backbone = resNet(1);
                ResNetBackbone other = resNet(2)) {
            try (SherlImageModel model = SherlImageModel.classifier(backbone, config(backbone), OPTIONS)) {
                model.save(folder);
            }
            assertThatThrownBy(() -> SherlImageModel.load(other, folder))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(folder.resolve("adapter.safetensors") + " was trained on the backbone with fingerprint "
                            + backbone.fingerprint() + ", but the given backbone has " + other.fingerprint());
        }
    }

    @Test
    void filesOfTextsAndMissingOnesAreRefused() throws IOException {
        try (ResNetBackbone backbone = resNet(1);
                BertBackbone bert = TinyBert.of(TYPE, 2)) {
            assertThatThrownBy(() -> SherlImageModel.load(backbone, folder)).isInstanceOf(NoSuchFileException.class);
            try (SherlModel texts = SherlModel.classifier(bert, SherlConfig.defaults(), List.of("a", "b"))) {
                texts.save(folder);
            }
            assertThatThrownBy(() -> SherlImageModel.load(backbone, folder))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("was trained on the backbone with fingerprint " + bert.fingerprint());
        }
    }

    @Test
    void refusesOtherClassesDamagedFilesAndPresets() throws IOException {
        ImageFolder source = pictures();
        Path damaged = Files.write(folder.resolve("damaged.png"), new byte[] {1, 2});
        assertThatThrownBy(() -> Picture.read(damaged))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(damaged + ": cannot be decoded: expected PNG, JPEG, GIF or BMP, found other content");
        assertThatThrownBy(() -> Picture.read(folder.resolve("none.png"))).isInstanceOf(NoSuchFileException.class);
        try (ResNetBackbone backbone = resNet(1)) {
            ImageClassifierOptions other = ImageClassifierOptions.of(List.of("dark", "pale"), OPTIONS.transform());
            try (SherlImageModel model = SherlImageModel.classifier(backbone, config(backbone), other)) {
                assertThatThrownBy(() -> model.data(source))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessage("source must have this model's classes [dark, pale], but has [dark, light]");
            }
            assertThatThrownBy(() -> SherlImageModel.classifier(
                            backbone, config(backbone).withPreset(AdapterPreset.CLIP_VIDEO), OPTIONS))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("preset must be one that stands before the last blocks, but is CLIP_VIDEO");
        }
        assertThatThrownBy(() -> ImageClassifierOptions.of(List.of("a"), OPTIONS.transform()))
                .hasMessage("labels must be at least 2, but are [a]");
        assertThatThrownBy(() -> ImageClassifierOptions.of(List.of("a", "a"), OPTIONS.transform()))
                .hasMessage("labels must differ from each other, but are [a, a]");
    }

    @Test
    void theOtherMethodsClassifyPicturesToo() {
        try (ResNetBackbone backbone = resNet(1);
                ImageBatch batch = TinyResNet.pictures(TYPE, 2, 8, 0, 1)) {
            try (ImageClassifier head = HeadOnly.classifier(backbone, OPTIONS.withPooling(Pooling.MEAN))) {
                assertThat(head.parameters().parameters()).hasSize(2);
                assertThat(head.accumulate(batch, 1, 1)).isPositive();
            }
            ImageClassifier full = FullTuning.classifier(backbone, OPTIONS);
            assertThat(full.parameters().parameters())
                    .hasSize(backbone.parameters().size() + 2);
            assertThat(full.backbone()).isSameAs(backbone);
            full.close();
        }
    }
}
