package io.github.sherl4j.route;

import static io.github.sherl4j.TestArrays.difference;
import static io.github.sherl4j.TestArrays.numbers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.sherl4j.TestArrays;
import io.github.sherl4j.adapter.AdapterOptions;
import io.github.sherl4j.adapter.SherlAdapter;
import io.github.sherl4j.backbone.FeatureBackbone;
import io.github.sherl4j.backbone.VideoBackbone;
import io.github.sherl4j.backbone.clip.ClipTextBackbone;
import io.github.sherl4j.backbone.clip.TinyClip;
import io.github.sherl4j.data.BatchSource;
import io.github.sherl4j.data.ImageBatch;
import io.github.sherl4j.data.PairBatch;
import io.github.sherl4j.data.PairData;
import io.github.sherl4j.data.TokenBatch;
import io.github.sherl4j.data.TokenizedData;
import io.github.sherl4j.data.VideoBatch;
import io.github.sherl4j.head.FeatureHead;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.tuning.FeatureTuning;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Videos and texts by SHERL over CLIP, from frames to the loss. */
class VideoTowerTest {
    private static final DataType TYPE = DataType.DOUBLE;
    private static final int VIDEOS = 5;
    private static final int[] ALL = {0, 1, 2, 3, 4};

    /** Video i has 1 + i % 3 frames. */
    private static final BatchSource<VideoBatch> DATA = new BatchSource<>() {
        @Override
        public int size() {
            return VIDEOS;
        }

        @Override
        public List<int[]> plan(int batchSize, long seed) {
            return sequentialPlan(batchSize);
        }

        @Override
        public VideoBatch batch(int[] indices) {
            int[] counts = Arrays.stream(indices).map(i -> 1 + i % 3).toArray();
            int side = TinyClip.IMAGE;
            double[] pixels = Arrays.stream(indices)
                    .mapToObj(i -> TestArrays.normal((1 + i % 3) * side * side * 3, 20 + i))
                    .flatMapToDouble(Arrays::stream)
                    .toArray();
            int frames = Arrays.stream(counts).sum();
            return VideoBatch.of(ImageBatch.of(TestArrays.of(TYPE, pixels, frames, side, side, 3), new int[0]), counts);
        }
    };

    private static TokenizedData texts() {
        return TokenizedData.of(
                IntStream.range(0, VIDEOS)
                        .mapToObj(i -> TinyClip.text(18, 3 + i, 9, TinyClip.END))
                        .toList(),
                new int[0]);
    }

    private static PairData<VideoBatch, TokenBatch> pairs() {
        return PairData.of(DATA, texts(), ALL);
    }

    private static TwoTowerModel<VideoBatch, TokenBatch> model(VideoBackbone videos, ClipTextBackbone texts) {
        AdapterOptions options = AdapterOptions.clipVideo(3, true);
        FeatureHead head = FeatureHead.of(videos.featureWidth());
        return new TwoTowerModel<>(
                new Tower<>(videos, OutputRoute.of(videos, options, 1), head),
                new Tower<>(texts, OutputRoute.of(texts, options, 2), head),
                PairLoss.contrastive(0.2));
    }

    @Test
    void gradientsInPartsAreThoseOfTheWholeAndOfTheLoss() {
        try (VideoBackbone videos = new VideoBackbone(TinyClip.image(TYPE, 2));
                ClipTextBackbone texts = TinyClip.text(TYPE, 2);
                TwoTowerModel<VideoBatch, TokenBatch> model = model(videos, texts);
                PairBatch<VideoBatch, TokenBatch> whole = pairs().batch(ALL);
                PairBatch<VideoBatch, TokenBatch> parted =
                        pairs().withParts(2, 3).batch(ALL)) {
            double loss = model.accumulate(whole, 1, 4);
            double[] expected = gradients(model);
            model.parameters().zeroGradients();
            assertThat(parted.images()).hasSize(3);
            assertThat(model.accumulate(parted, 1, 4)).isCloseTo(loss, within(1e-12));
            assertThat(difference(gradients(model), expected)).isLessThan(1e-11);
            for (Parameter parameter : model.parameters().parameters()) {
                double gradient = parameter.gradient().getDouble(0);
                double value = parameter.value().getDouble(0);
                double step = 1e-6;
                parameter.value().putScalar(0, value + step);
                double above = model.accumulate(whole, 1, 4);
                parameter.value().putScalar(0, value - step);
                double below = model.accumulate(whole, 1, 4);
                parameter.value().putScalar(0, value);
                assertThat(gradient)
                        .as(parameter.name())
                        .isCloseTo((above - below) / (2 * step), within(1e-6 * Math.max(1, Math.abs(gradient))));
                model.parameters().zeroGradients();
                model.accumulate(whole, 1, 4);
            }
        }
    }

    @Test
    void aVideosEmbeddingDoesNotHangOnItsCompany() {
        try (VideoBackbone videos = new VideoBackbone(TinyClip.image(TYPE, 2));
                ClipTextBackbone texts = TinyClip.text(TYPE, 2);
                TwoTowerModel<VideoBatch, TokenBatch> model = model(videos, texts);
                INDArray together = model.embedImages(DATA, 5);
                INDArray alone = model.embedImages(DATA, 1)) {
            assertThat(together.shape()).containsExactly(VIDEOS, 3);
            assertThat(difference(numbers(together), numbers(alone))).isLessThan(1e-13);
        }
    }

    @Test
    void moreLayersTakeNoMoreMemoryAndNoFrozenNumberChanges() {
        List<Long> bytes = new ArrayList<>();
        AdapterOptions options = AdapterOptions.clipVideo(3, true);
        for (int layers : new int[] {6, 12}) {
            try (VideoBackbone videos = new VideoBackbone(TinyClip.image(TYPE, layers));
                    ClipTextBackbone texts = TinyClip.text(TYPE, layers);
                    PairBatch<VideoBatch, TokenBatch> batch = pairs().batch(ALL)) {
                List<double[]> frozen = frozen(videos, texts);
                FeatureHead head = FeatureHead.of(videos.featureWidth());
                List<Integer> taps = List.of(0, 2, layers);
                try (TwoTowerModel<VideoBatch, TokenBatch> model = new TwoTowerModel<>(
                        new Tower<>(videos, new OutputRoute<>(videos, adapter(options, videos), taps), head),
                        new Tower<>(texts, new OutputRoute<>(texts, adapter(options, texts), taps), head),
                        PairLoss.contrastive(0.2))) {
                    for (int step = 0; step < 3; step++) {
                        model.accumulate(batch, 1, step);
                        model.parameters()
                                .groups()
                                .forEach(group -> group.values().subi(group.gradients()));
                    }
                    bytes.add(model.workingBytes());
                }
                assertThat(frozen(videos, texts)).usingRecursiveComparison().isEqualTo(frozen);
            }
        }
        assertThat(bytes.get(0)).isPositive().isEqualTo(bytes.get(1));
    }

    private static SherlAdapter adapter(AdapterOptions options, FeatureBackbone<?> backbone) {
        return new SherlAdapter(
                options, Collections.nCopies(3, backbone.width()), backbone.featureWidth(), backbone.type(), 1);
    }

    private static List<double[]> frozen(FeatureBackbone<?>... backbones) {
        return Arrays.stream(backbones)
                .flatMap(backbone -> backbone.parameters().stream())
                .map(parameter -> numbers(parameter.value()))
                .toList();
    }

    @Test
    void withoutTrainingTheNetworkSpeaksForItself() {
        try (VideoBackbone videos = new VideoBackbone(TinyClip.image(TYPE, 2))) {
            FeatureHead head = FeatureHead.of(videos.featureWidth());
            Tower<VideoBatch> tower = new Tower<>(videos, FeatureTuning.frozen(videos), head);
            try (INDArray embeddings = tower.embed(DATA, 2)) {
                assertThat(embeddings.shape()).containsExactly(VIDEOS, 3);
                assertThat(embeddings.norm2(1).toDoubleVector())
                        .containsExactly(new double[] {1, 1, 1, 1, 1}, within(1e-9));
            }
        }
    }

    private static double[] gradients(TwoTowerModel<?, ?> model) {
        return model.parameters().parameters().stream()
                .flatMapToDouble(parameter -> Arrays.stream(numbers(parameter.gradient())))
                .toArray();
    }
}
