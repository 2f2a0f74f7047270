package io.github.sherl4j.route;

import static io.github.sherl4j.TestArrays.difference;
import static io.github.sherl4j.TestArrays.numbers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.sherl4j.TestArrays;
import io.github.sherl4j.adapter.AdapterPreset;
import io.github.sherl4j.backbone.bert.BertBackbone;
import io.github.sherl4j.backbone.bert.TinyBert;
import io.github.sherl4j.backbone.resnet.ResNetBackbone;
import io.github.sherl4j.backbone.resnet.TinyResNet;
import io.github.sherl4j.data.ImageBatch;
import io.github.sherl4j.data.PairBatch;
import io.github.sherl4j.data.TokenBatch;
import io.github.sherl4j.head.EmbeddingOptions;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.tuning.FullTuning;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** States of pictures, whose number of positions changes from state to state, kept in a file. */
class PictureCacheTest {
    private static final DataType TYPE = DataType.DOUBLE;
    private static final long PLENTY = 1 << 22;
    private static final EmbeddingOptions EMBEDDING =
            EmbeddingOptions.defaults().withEmbed(4).withPooling(EmbeddingOptions.TokenPooling.MEAN);

    @TempDir
    Path folder;

    /** Pictures of a set of four, each always the same, under its number. */
    private static ImageBatch pictures(int... numbers) {
        double[] pixels = Arrays.stream(numbers)
                .mapToObj(number -> TestArrays.normal(8 * 8 * 3, 40 + number))
                .flatMapToDouble(Arrays::stream)
                .toArray();
        INDArray array = TestArrays.of(TYPE, pixels, numbers.length, 8, 8, 3);
        return ImageBatch.of(array, new int[0])
                .withKeys(IntStream.of(numbers).boxed().toList());
    }

    private static TokenBatch texts(int... numbers) {
        return TokenBatch.of(
                IntStream.of(numbers)
                        .mapToObj(number -> TinyBert.random(3 + number, number))
                        .toList(),
                new int[0]);
    }

    private static TwoTowerModel<ImageBatch, TokenBatch> model(ResNetBackbone images, BertBackbone texts) {
        SherlConfig config = SherlConfig.defaults()
                .withPreset(AdapterPreset.VSE_IMAGE)
                .withTaps(images.config().stageTaps());
        return new TwoTowerModel<>(
                Tower.of(images, TowerConfig.inside(config, EMBEDDING)),
                Tower.of(texts, TowerConfig.inside(SherlConfig.defaults().withDropout(0), EMBEDDING)),
                PairLoss.contrastive(0.2));
    }

    private static double step(TwoTowerModel<ImageBatch, TokenBatch> model, boolean parts, int... numbers) {
        int[] first = Arrays.copyOf(numbers, 2);
        int[] rest = Arrays.copyOfRange(numbers, 2, numbers.length);
        List<ImageBatch> images = parts ? List.of(pictures(first), pictures(rest)) : List.of(pictures(numbers));
        try (PairBatch<ImageBatch, TokenBatch> batch = new PairBatch<>(images, List.of(texts(numbers)))) {
            model.parameters().zeroGradients();
            return model.accumulate(batch, 1, 3);
        }
    }

    @Test
    void givesTheSameGradientsInOtherCompanyAndInParts() throws IOException {
        try (ResNetBackbone images = TinyResNet.of(TinyResNet.bottleneck(2, 2), TYPE);
                BertBackbone texts = TinyBert.of(TYPE, 3);
                TwoTowerModel<ImageBatch, TokenBatch> plain = model(images, texts);
                TwoTowerModel<ImageBatch, TokenBatch> cached = model(images, texts)) {
            cached.cacheStates(folder, PLENTY);
            step(cached, false, 0, 1, 2, 3);
            for (boolean parts : new boolean[] {false, true}) {
                assertThat(step(cached, parts, 3, 0, 2, 1)).isCloseTo(step(plain, parts, 3, 0, 2, 1), within(1e-12));
                assertThat(difference(gradients(cached), gradients(plain))).isLessThan(1e-11);
            }
        }
    }

    @Test
    void sparesTheEarlyBlocksAndLeavesNoFile() throws IOException {
        try (ResNetBackbone images = TinyResNet.of(TinyResNet.bottleneck(2, 2), TYPE);
                BertBackbone texts = TinyBert.of(TYPE, 3)) {
            try (TwoTowerModel<ImageBatch, TokenBatch> model = model(images, texts)) {
                model.cacheStates(folder, PLENTY);
                double loss = step(model, false, 0, 1, 2);
                double known = step(model, false, 0, 1, 2);
                List<Parameter> stem = images.parameters().subList(0, 1);
                stem.forEach(parameter -> parameter.value().muli(0.5));
                assertThat(step(model, false, 0, 1, 2)).isEqualTo(known).isCloseTo(loss, within(1e-12));
                assertThat(step(model, false, 0, 1, 2, 3))
                        .as("one picture is new, so the batch is computed")
                        .isNotEqualTo(loss);
                assertThatThrownBy(() -> model.cacheStates(folder, PLENTY))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessage("This model caches its states already");
            }
            assertThat(folder).isEmptyDirectory();
        }
    }

    @Test
    void picturesWithoutKeysAreComputedEachTime() throws IOException {
        try (StateCache cache = StateCache.create(folder, PLENTY);
                Memory memory = new Memory(TYPE);
                ImageBatch batch = ImageBatch.of(TestArrays.normal(TYPE, 3, 2, 8, 8, 3), new int[0])) {
            int[] runs = new int[1];
            for (int i = 0; i < 3; i++) {
                StateCache.through(cache, batch, List.of(), memory, () -> runs[0]++);
            }
            assertThat(runs[0]).isEqualTo(3);
            assertThat(cache.size()).isZero();
        }
    }

    @Test
    void towersWithoutAFrozenPartHaveNothingToKeep() {
        try (BertBackbone texts = TinyBert.of(TYPE, 2)) {
            TowerConfig config = TowerConfig.inside(SherlConfig.defaults(), EMBEDDING);
            Tower<TokenBatch> tower = Tower.of(texts, config);
            Tower<TokenBatch> whole = new Tower<>(texts, new FullTuning<>(texts), tower.head());
            TwoTowerModel<TokenBatch, TokenBatch> model = new TwoTowerModel<>(
                    whole,
                    new Tower<>(
                            texts,
                            new FullTuning<>(TinyBert.of(TYPE, 2)),
                            Tower.of(texts, config).head()),
                    PairLoss.contrastive(1));
            assertThatThrownBy(() -> model.cacheStates(folder, PLENTY))
                    .isInstanceOf(UnsupportedOperationException.class)
                    .hasMessage("Nothing in these towers is frozen, so there are no states to cache");
            assertThat(folder).isEmptyDirectory();
            model.close();
        }
    }

    private static double[] gradients(TwoTowerModel<?, ?> model) {
        return model.parameters().parameters().stream()
                .flatMapToDouble(parameter -> Arrays.stream(numbers(parameter.gradient())))
                .toArray();
    }
}
