package io.github.sherl4j.route;

import static io.github.sherl4j.TestArrays.difference;
import static io.github.sherl4j.TestArrays.numbers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.sherl4j.NativeBytes;
import io.github.sherl4j.backbone.bert.BertBackbone;
import io.github.sherl4j.backbone.bert.TinyBert;
import io.github.sherl4j.data.PairBatch;
import io.github.sherl4j.data.PairData;
import io.github.sherl4j.data.TokenBatch;
import io.github.sherl4j.data.TokenizedData;
import io.github.sherl4j.head.ClassificationHead;
import io.github.sherl4j.head.Pooling;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.loss.TripletLoss;
import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.nd.MemoryMeter;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class TwoTowerModelTest {
    private static final int WIDTH = 3;
    /** Texts of 2 to 9 tokens stand for images, too. */
    private static final TokenizedData IMAGES = texts(10, 0);

    private static final TokenizedData TEXTS = texts(10, 50);
    private static final int[] ALL = {0, 1, 2, 3, 4, 5, 6};

    private static TokenizedData texts(int count, int seed) {
        return TokenizedData.of(
                IntStream.range(0, count)
                        .mapToObj(i -> TinyBert.random(2 + i % 8, seed + i))
                        .toList(),
                new int[0]);
    }

    private static PairData<TokenBatch, TokenBatch> pairs() {
        return PairData.of(IMAGES, TEXTS, IntStream.range(0, 10).toArray());
    }

    /** Half the squared distance of each image to its own text, less a part of that to the next one. */
    private static PairLoss.Result loss(Memory memory, INDArray images, INDArray texts, double weight, int epoch) {
        INDArray ring = texts.dup();
        for (int i = 0; i < texts.size(0); i++) {
            ring.putRow(i, texts.getRow((i + 1) % texts.size(0)));
        }
        INDArray near = images.sub(texts);
        INDArray far = images.sub(ring).muli(0.3 * (epoch + 1));
        INDArray gradImages = memory.scratch().array(images.shape());
        INDArray gradTexts = memory.scratch().array(images.shape());
        gradImages.assign(near.sub(far));
        gradTexts.assign(near.neg());
        for (int i = 0; i < texts.size(0); i++) {
            int next = (int) ((i + 1) % texts.size(0));
            gradTexts.putRow(next, gradTexts.getRow(next).add(far.getRow(i)));
        }
        double value = near.mul(near).sumNumber().doubleValue() / 2
                - images.sub(ring).mul(far).sumNumber().doubleValue() / 2;
        return new PairLoss.Result(value, gradImages, gradTexts);
    }

    private static Tower<TokenBatch> tower(BertBackbone bert, double dropout, long seed) {
        SherlConfig config = SherlConfig.defaults().withDropout(dropout).withSeed(seed);
        ClassificationHead head = new ClassificationHead(Pooling.MEAN, bert.width(), WIDTH, bert.type(), seed);
        return new Tower<>(bert, SherlRoute.of(bert, config), head);
    }

    private static TwoTowerModel<TokenBatch, TokenBatch> model(BertBackbone bert, double dropout) {
        return new TwoTowerModel<>(tower(bert, dropout, 1), tower(bert, dropout, 2), TwoTowerModelTest::loss);
    }

    @Test
    void aBatchInPartsGetsItsWholeGradient() {
        try (BertBackbone bert = TinyBert.of(DataType.DOUBLE, 2);
                TwoTowerModel<TokenBatch, TokenBatch> model = model(bert, 0);
                PairBatch<TokenBatch, TokenBatch> whole = pairs().batch(ALL);
                PairBatch<TokenBatch, TokenBatch> parted =
                        pairs().withParts(3, 2).batch(ALL)) {
            double loss = model.accumulate(whole, 1, 4);
            double[] expected = gradients(model);
            model.parameters().zeroGradients();

            assertThat(parted.images()).hasSize(3);
            assertThat(parted.texts()).hasSize(4);
            assertThat(model.accumulate(parted, 1, 4)).isCloseTo(loss, within(1e-12));
            assertThat(difference(gradients(model), expected)).isLessThan(1e-11);
        }
    }

    @Test
    void gradientsAreThoseOfTheLossAlsoWithDropoutAndInParts() {
        try (BertBackbone bert = TinyBert.of(DataType.DOUBLE, 2);
                TwoTowerModel<TokenBatch, TokenBatch> model = model(bert, 0.3);
                PairBatch<TokenBatch, TokenBatch> batch =
                        pairs().withParts(3, 2).batch(ALL)) {
            model.startEpoch(1);
            model.accumulate(batch, 1, 4);
            List<Double> gradients = model.parameters().parameters().stream()
                    .map(parameter -> parameter.gradient().getDouble(0))
                    .toList();
            for (int i = 0; i < gradients.size(); i++) {
                Parameter parameter = model.parameters().parameters().get(i);
                double gradient = gradients.get(i);
                double value = parameter.value().getDouble(0);
                double step = 1e-6;
                parameter.value().putScalar(0, value + step);
                double above = model.accumulate(batch, 1, 4);
                parameter.value().putScalar(0, value - step);
                double below = model.accumulate(batch, 1, 4);
                parameter.value().putScalar(0, value);

                assertThat(gradient)
                        .as(parameter.name())
                        .isCloseTo((above - below) / (2 * step), within(1e-7 * Math.max(1, Math.abs(gradient))));
            }
        }
    }

    @Test
    void takesThePublishedLosses() {
        try (BertBackbone bert = TinyBert.of(DataType.DOUBLE, 2);
                PairBatch<TokenBatch, TokenBatch> whole = pairs().batch(ALL);
                PairBatch<TokenBatch, TokenBatch> parted =
                        pairs().withParts(3, 2).batch(ALL)) {
            for (PairLoss loss :
                    List.of(PairLoss.contrastive(0.5), PairLoss.triplet(0.2, TripletLoss.NegativesRamp.published()))) {
                try (TwoTowerModel<TokenBatch, TokenBatch> model =
                        new TwoTowerModel<>(tower(bert, 0, 1), tower(bert, 0, 2), loss)) {
                    double[] values = new double[2];
                    for (int epoch = 0; epoch < 2; epoch++) {
                        model.startEpoch(epoch);
                        values[epoch] = model.accumulate(whole, 1, 4);
                        double[] expected = gradients(model);
                        model.parameters().zeroGradients();
                        model.accumulate(parted, 1, 4);
                        assertThat(difference(gradients(model), expected)).isLessThan(1e-10);
                        model.parameters().zeroGradients();
                    }
                    assertThat(values[1]).isLessThanOrEqualTo(values[0]);
                }
            }
        }
    }

    @Test
    void embedsInTheOrderOfTheData() {
        try (BertBackbone bert = TinyBert.of(DataType.FLOAT, 2);
                TwoTowerModel<TokenBatch, TokenBatch> model = model(bert, 0);
                INDArray all = model.embedImages(IMAGES, 4);
                INDArray texts = model.embedTexts(TEXTS, 4)) {
            TokenizedData alone = TokenizedData.of(List.of(TinyBert.random(2 + 3, 3)), new int[0]);
            try (INDArray one = model.embedImages(alone, 1)) {
                assertThat(difference(numbers(all.getRow(3)), numbers(one))).isLessThan(1e-5);
            }
            assertThat(all.shape()).containsExactly(10, WIDTH);
            assertThat(numbers(texts)).isNotEqualTo(numbers(all));
        }
    }

    @Test
    void refusesWhatHasNoNegatives() {
        try (BertBackbone bert = TinyBert.of(DataType.DOUBLE, 1);
                TwoTowerModel<TokenBatch, TokenBatch> model = model(bert, 0);
                PairBatch<TokenBatch, TokenBatch> one = pairs().batch(new int[] {3});
                PairBatch<TokenBatch, TokenBatch> two = pairs().batch(new int[] {3, 4})) {
            assertThatThrownBy(() -> model.accumulate(one, 1, 0))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("batch must have at least 2 pairs, since the others are the negatives, but has 1");
            assertThatThrownBy(() -> model.accumulate(two, 0.5, 0))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("weight must be 1, since a batch of pairs is its own negatives and cannot be fed in"
                            + " parts, but is 0.5");
            assertThat(gradients(model)).containsOnly(0);
        }
    }

    @Test
    void refusesTowersOfDifferentWidths() {
        try (BertBackbone bert = TinyBert.of(DataType.DOUBLE, 1)) {
            ClassificationHead wide = new ClassificationHead(Pooling.CLS, bert.width(), 5, bert.type(), 0);
            Tower<TokenBatch> other = new Tower<>(bert, SherlRoute.of(bert, SherlConfig.defaults()), wide);
            assertThatThrownBy(() -> new TwoTowerModel<>(tower(bert, 0, 1), other, TwoTowerModelTest::loss))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("texts must make embeddings of length 3 as images does, but makes them of length 5");
        }
    }

    @Test
    void namesTheParametersOfBothTowers() {
        try (BertBackbone bert = TinyBert.of(DataType.DOUBLE, 1);
                TwoTowerModel<TokenBatch, TokenBatch> model = model(bert, 0)) {
            assertThat(model.parameters().named()).containsKeys("image.head.linear.weight", "text.head.linear.weight");
            assertThat(model.parameters().named())
                    .hasSameSizeAs(model.parameters().parameters());
        }
    }

    @Test
    void partsKeepMemorySmallAndFlat() throws InterruptedException {
        long whole = working(pairs());
        long parted = working(pairs().withParts(2, 2));
        assertThat(parted).isLessThan(whole / 2);
    }

    private static long working(PairData<TokenBatch, TokenBatch> pairs) throws InterruptedException {
        PairLoss quiet = (memory, images, texts, weight, epoch) -> {
            INDArray gradImages = memory.scratch().array(images.shape());
            INDArray gradTexts = memory.scratch().array(images.shape());
            memory.ops().subtract(images, texts, gradImages);
            memory.ops().subtract(texts, images, gradTexts);
            return new PairLoss.Result(0, gradImages, gradTexts);
        };
        try (BertBackbone bert = TinyBert.of(DataType.FLOAT, 2);
                TwoTowerModel<TokenBatch, TokenBatch> model =
                        new TwoTowerModel<>(tower(bert, 0.1, 1), tower(bert, 0.1, 2), quiet);
                PairBatch<TokenBatch, TokenBatch> batch = pairs.batch(new int[] {7, 7, 7, 7, 7, 7, 7, 7, 7, 7})) {
            for (int step = 0; step < 3; step++) {
                model.accumulate(batch, 1, step);
            }
            long warm = NativeBytes.settled();
            for (int step = 0; step < 20; step++) {
                model.accumulate(batch, 1, step);
                assertThat(MemoryMeter.nativeBytes())
                        .as("never more; less where garbage of before was found")
                        .isLessThanOrEqualTo(warm);
            }
            return model.workingBytes();
        }
    }

    private static double[] gradients(TwoTowerModel<?, ?> model) {
        return model.parameters().parameters().stream()
                .flatMapToDouble(parameter -> Arrays.stream(numbers(parameter.gradient())))
                .toArray();
    }
}
