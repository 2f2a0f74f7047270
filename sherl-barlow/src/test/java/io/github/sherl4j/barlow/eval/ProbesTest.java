package io.github.sherl4j.barlow.eval;

import static io.github.sherl4j.TestArrays.numbers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.sherl4j.NativeBytes;
import io.github.sherl4j.backbone.resnet.ResNetBackbone;
import io.github.sherl4j.barlow.SmallNets;
import io.github.sherl4j.barlow.pretrain.Noise;
import io.github.sherl4j.barlow.view.ViewRecipe;
import io.github.sherl4j.data.ImageBatch;
import io.github.sherl4j.data.ImageData;
import io.github.sherl4j.data.ImageTransform;
import io.github.sherl4j.data.PixelNorm;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.route.Classifier;
import io.github.sherl4j.train.TrainConfig;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class ProbesTest {
    private static final List<String> CLASSES = List.of("left", "right", "up");

    /** Three rays, each example at a length and with noise of its own. */
    private static Features rays(int count, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        float[][] rows = new float[count][2];
        int[] labels = new int[count];
        for (int i = 0; i < count; i++) {
            labels[i] = i % 3;
            double angle = Math.PI * new double[] {1, 0, 0.5}[labels[i]] + 0.2 * random.nextGaussian();
            double length = 0.5 + random.nextDouble();
            rows[i] = new float[] {(float) (length * Math.cos(angle)), (float) (length * Math.sin(angle))};
        }
        return Features.of(rows, labels, CLASSES);
    }

    @Test
    void neighboursVoteByCosine() {
        Features train = Features.of(
                new float[][] {{1, 0}, {10, 1}, {0, 1}, {0, 3}, {0.1f, 1}},
                new int[] {0, 0, 1, 1, 1},
                List.of("a", "b"));
        Features test = Features.of(new float[][] {{100, 20}, {1, 9}, {0, 0}}, new int[] {0, 1, 0}, List.of("a", "b"));

        assertThat(new NearestNeighbours(train, 1, 0.07).predict(test)).startsWith(0, 1);
        // With all five, the near ones' weights decide although there are more of the others.
        assertThat(new NearestNeighbours(train, 5, 0.07).predict(test)).startsWith(0, 1);
        assertThat(NearestNeighbours.of(train).predict(test)[2]).isBetween(0, 1);
    }

    @Test
    void neighboursFindRaysAndAreMoreThanOneBlock() {
        assertThat(NearestNeighbours.of(rays(120, 1)).accuracy(rays(250, 2))).isGreaterThan(0.97);
    }

    @Test
    void neighboursRefuseWhatDoesNotFit() {
        Features three = rays(3, 1);
        assertRefused(() -> new NearestNeighbours(three, 4, 1), "k must be 1 to 3, but is 4");
        assertRefused(() -> new NearestNeighbours(three, 1, 0), "temperature must be positive, but is 0.0");
        Features wide = Features.of(new float[1][5], new int[1], CLASSES);
        assertRefused(() -> NearestNeighbours.of(three).predict(wide), "test must be 2 wide like train, but is 5");
    }

    @Test
    void aProbeCutsRaysApart() {
        TrainConfig config = LinearProbe.paper().withEpochs(20).withBatchSize(16);
        try (LinearProbe probe = LinearProbe.fit(rays(120, 1), config)) {
            assertThat(probe.accuracy(rays(1500, 2))).isGreaterThan(0.97);
        }
    }

    @Test
    void aProbesGradientIsThatOfCentralDifferencesInFloat() {
        Features features = rays(9, 1);
        try (LinearProbe probe = LinearProbe.fit(features, LinearProbe.paper().withEpochs(1));
                FeatureBatch batch = features.batch(new int[] {0, 1, 2, 3, 4})) {
            probe.parameters().zeroGradients();
            probe.accumulate(batch, 2, 0);
            Parameter weight = probe.parameters().parameters().get(0);
            double[] gradient = numbers(weight.gradient());
            for (int i = 0; i < gradient.length; i++) {
                INDArray value = weight.value();
                double old = numbers(value)[i];
                double step = 1e-2;
                value.putScalar(i / 2, i % 2, old + step);
                double above = probe.accumulate(batch, 1, 0);
                value.putScalar(i / 2, i % 2, old - step);
                double below = probe.accumulate(batch, 1, 0);
                value.putScalar(i / 2, i % 2, old);
                assertThat(gradient[i] / 2).isCloseTo((above - below) / (2 * step), within(1e-3));
            }
        }
    }

    @Test
    void aProbeOfOneClassIsRefused() {
        Features one = Features.of(new float[2][2], new int[2], List.of("only"));
        assertRefused(
                () -> LinearProbe.fit(one, LinearProbe.paper()), "train must have at least 2 classes, but has [only]");
    }

    @Test
    void closingAProbeFreesEverything() throws InterruptedException {
        Features train = rays(30, 1);
        long before = NativeBytes.settled();
        LinearProbe.fit(train, LinearProbe.paper().withEpochs(2)).close();
        assertThat(NativeBytes.settled()).isLessThanOrEqualTo(before);
    }

    @Test
    void cropsAndFlipsDifferFromEpochToEpochAndFollowTheSeed() {
        ImageData data = ImageData.of(new Noise(6, 12), ImageTransform.square(8, PixelNorm.IMAGENET));
        AugmentedImages crops = new AugmentedImages(data, ViewRecipe.cropAndFlip(8));
        crops.plan(3, 1);
        double[] first = pixels(crops);
        double[] again = pixels(crops);
        crops.plan(3, 2);
        double[] other = pixels(crops);

        assertThat(again).isEqualTo(first);
        assertThat(other).isNotEqualTo(first);
        assertThat(crops.size()).isEqualTo(6);
        assertThat(crops.label(1)).isEqualTo(1);
    }

    private static double[] pixels(AugmentedImages images) {
        try (ImageBatch batch = images.batch(new int[] {4, 1})) {
            assertThat(batch.labels()).containsExactly(0, 1);
            assertThat(batch.pixels().shape()).containsExactly(2, 8, 8, 3);
            return numbers(batch.pixels());
        }
    }

    @Test
    void thePapersProtocolTrainsAHeadAndLeavesTheNetwork() {
        ImageData data = ImageData.of(new Noise(24, 8), ImageTransform.square(8, PixelNorm.IMAGENET));
        AugmentedImages crops = new AugmentedImages(data, ViewRecipe.cropAndFlip(8));
        TrainConfig config = LinearProbe.paper().withEpochs(2).withBatchSize(8);
        try (ResNetBackbone encoder = ResNetBackbone.random(SmallNets.TINY, DataType.FLOAT, 3)) {
            double[] weights = numbers(encoder.parameters().get(0).value());
            try (Classifier<ImageBatch> probe = LinearProbe.fit(encoder, crops, data.labels(), config)) {
                assertThat(probe.parameters().count()).isEqualTo(4 * 2 + 2);
                assertThat(probe.evaluate(data).accuracy()).isBetween(0.0, 1.0);
            }
            assertThat(numbers(encoder.parameters().get(0).value())).isEqualTo(weights);
        }
    }

    @Test
    void fineTuningMovesTheNetworkAtItsOwnRate() {
        ImageData data = ImageData.of(new Noise(24, 8), ImageTransform.square(8, PixelNorm.IMAGENET));
        FineTuning tuning = FineTuning.paper();
        TrainConfig training = tuning.training().withEpochs(3).withBatchSize(8);
        try (ResNetBackbone encoder = ResNetBackbone.random(SmallNets.TINY, DataType.FLOAT, 3)) {
            double[] weights = numbers(encoder.parameters().get(0).value());
            try (Classifier<ImageBatch> tuned =
                    tuning.withTraining(training).withEncoderRate(0.1).fit(encoder, data, data.labels())) {
                assertThat(tuned.parameters().groups())
                        .extracting(group -> group.rateFactor())
                        .containsExactlyInAnyOrder(0.1, 0.1, 1.0, 1.0);
                assertThat(numbers(encoder.parameters().get(0).value())).isNotEqualTo(weights);
            }
        }
        assertRefused(() -> tuning.withEncoderRate(0), "encoderRate must be positive, but is 0.0");
    }

    private static void assertRefused(Runnable call, String message) {
        assertThatThrownBy(call::run)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }
}
