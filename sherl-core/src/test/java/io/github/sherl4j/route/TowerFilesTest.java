package io.github.sherl4j.route;

import static io.github.sherl4j.TestArrays.numbers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sherl4j.TestArrays;
import io.github.sherl4j.adapter.AdapterPreset;
import io.github.sherl4j.backbone.bert.BertBackbone;
import io.github.sherl4j.backbone.bert.TinyBert;
import io.github.sherl4j.backbone.clip.ClipImageBackbone;
import io.github.sherl4j.backbone.clip.ClipTextBackbone;
import io.github.sherl4j.backbone.clip.TinyClip;
import io.github.sherl4j.backbone.resnet.ResNetBackbone;
import io.github.sherl4j.backbone.resnet.TinyResNet;
import io.github.sherl4j.data.Batch;
import io.github.sherl4j.data.ImageBatch;
import io.github.sherl4j.data.PairBatch;
import io.github.sherl4j.data.TokenBatch;
import io.github.sherl4j.head.EmbeddingOptions;
import io.github.sherl4j.head.GeneralizedPooling;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.nd.Memory;
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

class TowerFilesTest {
    private static final DataType TYPE = DataType.FLOAT;
    private static final PairLoss LOSS = PairLoss.contrastive(0.1);
    private static final EmbeddingOptions EMBEDDING =
            EmbeddingOptions.defaults().withEmbed(4).withGeneralized(new GeneralizedPooling.Options(4, 3, 0.5));

    @TempDir
    Path folder;

    private static ResNetBackbone resNet() {
        return TinyResNet.of(TinyResNet.bottleneck(2, 2), TYPE);
    }

    private static TwoTowerModel<ImageBatch, TokenBatch> inside(ResNetBackbone images, BertBackbone texts) {
        SherlConfig imageConfig = SherlConfig.defaults()
                .withPreset(AdapterPreset.VSE_IMAGE)
                .withTaps(images.config().stageTaps())
                .withSeed(3);
        return new TwoTowerModel<>(
                Tower.of(images, TowerConfig.inside(imageConfig, EMBEDDING)),
                Tower.of(
                        texts,
                        TowerConfig.inside(
                                SherlConfig.defaults().withSeed(4),
                                EMBEDDING.withPooling(EmbeddingOptions.TokenPooling.MEAN))),
                LOSS);
    }

    /** A few steps, so that parameters and running statistics have moved. */
    private static void train(TwoTowerModel<ImageBatch, TokenBatch> model, ImageBatch images, TokenBatch texts) {
        PairBatch<ImageBatch, TokenBatch> pairs = new PairBatch<>(List.of(images), List.of(texts));
        for (int step = 0; step < 3; step++) {
            model.parameters().zeroGradients();
            model.accumulate(pairs, 1, step);
            model.parameters()
                    .groups()
                    .forEach(group -> group.values().subi(group.gradients().mul(0.1)));
        }
    }

    private static <B extends Batch> double[] embedding(Tower<B> tower, B batch) {
        try (Memory memory = new Memory(TYPE)) {
            INDArray result = TestArrays.blank(TYPE, batch.size(), tower.width());
            tower.infer(memory, batch, result);
            return numbers(result);
        }
    }

    @Test
    void imagesAndTextsComeBackToTheBit() throws IOException {
        try (ResNetBackbone images = resNet();
                BertBackbone texts = TinyBert.of(TYPE, 3);
                ImageBatch pictures = TinyResNet.pictures(TYPE, 2, 8);
                TokenBatch tokens = TinyBert.batch();
                TwoTowerModel<ImageBatch, TokenBatch> model = inside(images, texts)) {
            double[] untrained = embedding(model.images(), pictures);
            train(model, pictures, tokens);
            double[] ofImages = embedding(model.images(), pictures);
            assertThat(ofImages).isNotEqualTo(untrained);
            model.save(folder);
            try (TwoTowerModel<ImageBatch, TokenBatch> loaded = TwoTowerModel.load(images, texts, LOSS, folder)) {
                assertThat(embedding(loaded.images(), pictures)).isEqualTo(ofImages);
                assertThat(embedding(loaded.texts(), tokens)).isEqualTo(embedding(model.texts(), tokens));
                assertThat(loaded.namedBuffers().keySet())
                        .isEqualTo(model.namedBuffers().keySet())
                        .allMatch(name -> name.startsWith("image.adapter."));
                for (int i = 0; i < model.buffers().size(); i++) {
                    assertThat(numbers(loaded.buffers().get(i).value()))
                            .isEqualTo(numbers(model.buffers().get(i).value()));
                }
            }
        }
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder("adapter.safetensors", "adapter.json");
        }
        assertThat(Files.readString(folder.resolve("adapter.json")))
                .contains("\"images\"", "\"texts\"", "\"VSE_IMAGE\"", "\"GENERALIZED\"", "\"MEAN\"");
    }

    @Test
    void towersOnTheOutputSideComeBackToTheBit() throws IOException {
        try (ClipImageBackbone images = TinyClip.image(TYPE, 2);
                ClipTextBackbone texts = TinyClip.text(TYPE, 2);
                ImageBatch pictures = TinyClip.pictures(TYPE);
                TokenBatch tokens = TinyClip.texts();
                TwoTowerModel<ImageBatch, TokenBatch> model = new TwoTowerModel<>(
                        Tower.of(images, TowerConfig.outputSide(AdapterPreset.CLIP_VIDEO, 1)),
                        Tower.of(texts, TowerConfig.outputSide(AdapterPreset.CLIP_VIDEO_UNGATED, 2)),
                        LOSS)) {
            train(model, pictures, tokens);
            model.save(folder);
            try (TwoTowerModel<ImageBatch, TokenBatch> loaded = TwoTowerModel.load(images, texts, LOSS, folder)) {
                assertThat(embedding(loaded.images(), pictures)).isEqualTo(embedding(model.images(), pictures));
                assertThat(embedding(loaded.texts(), tokens)).isEqualTo(embedding(model.texts(), tokens));
                assertThat(loaded.texts().config().sherl().preset()).isEqualTo(AdapterPreset.CLIP_VIDEO_UNGATED);
            }
        }
    }

    @Test
    void otherNetworksAreRefused() throws IOException {
        try (ResNetBackbone images = resNet();
                ResNetBackbone otherImages = ResNetBackbone.random(TinyResNet.bottleneck(2, 2), TYPE, 77);
                BertBackbone texts = TinyBert.of(TYPE, 3);
                BertBackbone otherTexts = BertBackbone.random(TinyBert.config(3), null, TYPE, 9)) {
            try (TwoTowerModel<ImageBatch, TokenBatch> model = inside(images, texts)) {
                model.save(folder);
            }
            assertThatThrownBy(() -> TwoTowerModel.load(otherImages, texts, LOSS, folder))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(folder.resolve("adapter.safetensors")
                            + " was trained on the backbone with fingerprint " + images.fingerprint()
                            + ", but the given backbone has " + otherImages.fingerprint());
            assertThatThrownBy(() -> TwoTowerModel.load(images, otherTexts, LOSS, folder))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("fingerprint " + texts.fingerprint())
                    .hasMessageContaining("has " + otherTexts.fingerprint());
            assertThat(images.parameters()).noneMatch(Parameter::trainable);
        }
    }

    @Test
    void filesOfAnotherKindOrWithoutATensorAreRefused() throws IOException {
        Path file = folder.resolve("adapter.safetensors");
        try (ResNetBackbone images = resNet();
                BertBackbone texts = TinyBert.of(TYPE, 3)) {
            try (SherlModel classifier = SherlModel.classifier(texts, SherlConfig.defaults(), List.of("ham", "spam"))) {
                classifier.save(folder);
            }
            assertThatThrownBy(() -> TwoTowerModel.load(images, texts, LOSS, folder))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(file + " has a description without \"images\"");
            try (TwoTowerModel<ImageBatch, TokenBatch> model = inside(images, texts)) {
                model.save(folder);
                Map<String, INDArray> tensors = AdapterFiles.tensors(model);
                assertThat(tensors.remove("text.head.linear.bias")).isNotNull();
                try (SafeTensors saved = SafeTensors.open(file)) {
                    SafeTensors.write(folder.resolve("cut.safetensors"), tensors, saved.metadata());
                }
            }
            Files.move(folder.resolve("cut.safetensors"), file, StandardCopyOption.REPLACE_EXISTING);
            assertThatThrownBy(() -> TwoTowerModel.load(images, texts, LOSS, folder))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("missing 'text.head.linear.bias' [4]");
        }
    }

    @Test
    void onlyTowersThatSayHowTheyWereMadeAreSaved() {
        try (ClipImageBackbone images = TinyClip.image(TYPE, 2);
                ClipTextBackbone texts = TinyClip.text(TYPE, 2)) {
            Tower<TokenBatch> made = Tower.of(texts, TowerConfig.outputSide(AdapterPreset.CLIP_VIDEO, 1));
            Tower<ImageBatch> other = Tower.of(images, TowerConfig.outputSide(AdapterPreset.CLIP_VIDEO, 1));
            Tower<ImageBatch> byHand = new Tower<>(images, other.route(), other.head());
            try (TwoTowerModel<ImageBatch, TokenBatch> model = new TwoTowerModel<>(byHand, made, LOSS)) {
                assertThatThrownBy(() -> model.save(folder))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessage(
                                "This model has a tower that was put together by hand; only those of Tower.of can be"
                                        + " saved");
            }
            assertThat(folder).isEmptyDirectory();
        }
    }

    @Test
    void configurationsThatMakeNoTowerAreRefused() {
        SherlConfig outside = SherlConfig.defaults().withPreset(AdapterPreset.CLIP_VIDEO);
        assertThatThrownBy(() -> new TowerConfig(outside, EMBEDDING))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("embedding must be null with the preset CLIP_VIDEO, but is EmbeddingOptions");
        assertThatThrownBy(() -> new TowerConfig(outside, null))
                .hasMessage(
                        "lateLayers must be 0 with the preset CLIP_VIDEO, which stands on the output side, but is 1");
        assertThatThrownBy(() -> new TowerConfig(SherlConfig.defaults(), null))
                .hasMessage("embedding must be given with the preset VSE_TEXT, but is null");
        try (BertBackbone bert = TinyBert.of(TYPE, 2)) {
            assertThatThrownBy(() -> Tower.of(bert, TowerConfig.outputSide(AdapterPreset.CLIP_VIDEO, 1)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("backbone must have a feature of its own, as CLIP has, for the preset CLIP_VIDEO, but"
                            + " BertBackbone has none");
        }
    }
}
