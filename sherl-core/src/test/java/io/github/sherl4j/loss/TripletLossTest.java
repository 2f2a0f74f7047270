package io.github.sherl4j.loss;

import static io.github.sherl4j.TestArrays.numbers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.sherl4j.CentralDifferences;
import io.github.sherl4j.TestArrays;
import io.github.sherl4j.loss.TripletLoss.Negatives;
import io.github.sherl4j.loss.TripletLoss.NegativesRamp;
import io.github.sherl4j.loss.TripletLoss.Options;
import io.github.sherl4j.nd.Memory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class TripletLossTest {
    private final Memory memory = new Memory(DataType.DOUBLE);

    @AfterEach
    void free() {
        memory.close();
    }

    @Test
    void workedByHand() {
        INDArray images = array(1, 0, 0, 1); // s = {{0.5, 0.25}, {0.5, 0.875}}
        INDArray texts = array(0.5, 0.5, 0.25, 0.875);
        Options options = Options.defaults().withMargin(0.5);

        TripletLoss.Result result = TripletLoss.of(memory, images, texts, options, 1);

        // image 0: 0.5 + 0.25 - 0.5; image 1: 0.5 + 0.5 - 0.875; text 0: 0.5 + 0.5 - 0.5; text 1: 0.5 + 0.25 - 0.875 <
        // 0
        assertThat(result.value()).isCloseTo(0.25 + 0.125 + 0.5, within(1e-15));
        // d loss / d s = {{-2, 1}, {2, -1}}
        assertThat(numbers(result.gradImages()))
                .containsExactly(new double[] {-0.75, -0.125, 0.75, 0.125}, within(1e-15));
        assertThat(numbers(result.gradTexts())).containsExactly(new double[] {-2, 2, 1, -1}, within(1e-15));
    }

    @ParameterizedTest
    @EnumSource(Negatives.class)
    void equalsTheDefinitionAndCentralDifferences(Negatives negatives) {
        Options options = new Options(0.3, negatives);
        for (int pairs : new int[] {2, 5}) {
            INDArray images = TestArrays.normal(DataType.DOUBLE, 1, pairs, 3);
            INDArray texts = TestArrays.normal(DataType.DOUBLE, 2, pairs, 3);
            double[] before = numbers(images);
            TripletLoss.Result result = TripletLoss.of(memory, images, texts, options, 0.25);
            INDArray gradImages = times4(result.gradImages());
            INDArray gradTexts = times4(result.gradTexts());

            assertThat(result.value()).isCloseTo(slow(before, numbers(texts), pairs, options), within(1e-13));
            assertThat(numbers(images)).isEqualTo(before);
            CentralDifferences.check("images", images, gradImages, () -> value(images, texts, options));
            CentralDifferences.check("texts", texts, gradTexts, () -> value(images, texts, options));
        }
    }

    private double value(INDArray images, INDArray texts, Options options) {
        return TripletLoss.of(memory, images, texts, options, 1).value();
    }

    private static double slow(double[] images, double[] texts, int pairs, Options options) {
        double sum = 0;
        for (int i = 0; i < pairs; i++) {
            double added = 0;
            double hardest = 0;
            double addedOther = 0;
            double hardestOther = 0;
            for (int j = 0; j < pairs; j++) {
                if (j != i) {
                    double own = dot(images, i, texts, i);
                    double cost = Math.max(0, options.margin() + dot(images, i, texts, j) - own);
                    double other = Math.max(0, options.margin() + dot(images, j, texts, i) - own);
                    added += cost;
                    hardest = Math.max(hardest, cost);
                    addedOther += other;
                    hardestOther = Math.max(hardestOther, other);
                }
            }
            sum += options.negatives() == Negatives.ALL ? added + addedOther : hardest + hardestOther;
        }
        return sum;
    }

    private static double dot(double[] a, int i, double[] b, int j) {
        return a[3 * i] * b[3 * j] + a[3 * i + 1] * b[3 * j + 1] + a[3 * i + 2] * b[3 * j + 2];
    }

    @Test
    void pairsThatAreFarAheadHaveNoLoss() {
        INDArray images = array(1, 0, 0, 1);
        for (Negatives negatives : Negatives.values()) {
            TripletLoss.Result result =
                    TripletLoss.of(memory, images, images, Options.defaults().withNegatives(negatives), 1);
            assertThat(result.value()).isZero();
            assertThat(numbers(result.gradImages())).containsOnly(0);
            assertThat(numbers(result.gradTexts())).containsOnly(0);
        }
    }

    @Test
    void equallyHardNegativesShareTheGradient() {
        INDArray images = TestArrays.of(DataType.DOUBLE, new double[] {1, 0, 0, 0, 0, 0}, 3, 2);
        INDArray texts = TestArrays.of(DataType.DOUBLE, new double[] {1, 0, 1, 0, 1, 0}, 3, 2);

        TripletLoss.Result result = TripletLoss.of(memory, images, texts, Options.defaults(), 1);

        // image 0 has two equal negatives; texts 1 and 2 have image 0 as hardest; text 0 and images 1, 2 have ties as
        // well
        assertThat(numbers(result.gradTexts())).containsExactly(new double[] {-1, 0, 1.5, 0, 1.5, 0}, within(1e-14));
    }

    @Test
    void theRampHasAllNegativesFirst() {
        assertThat(NegativesRamp.published().at(0)).isEqualTo(Negatives.ALL);
        assertThat(NegativesRamp.published().at(1)).isEqualTo(Negatives.HARDEST);
        assertThat(NegativesRamp.published().at(24)).isEqualTo(Negatives.HARDEST);
        assertThat(new NegativesRamp(0).at(0)).isEqualTo(Negatives.HARDEST);
        assertThat(new NegativesRamp(3).at(2)).isEqualTo(Negatives.ALL);
    }

    @Test
    void refusesWhatCannotBe() {
        INDArray one = TestArrays.blank(DataType.DOUBLE, 1, 3);
        assertThatThrownBy(() -> TripletLoss.of(memory, one, one, Options.defaults(), 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "images and texts must be at least 2 pairs, since the negatives come from the batch, but are 1");
        INDArray two = TestArrays.blank(DataType.DOUBLE, 2, 3);
        assertThatThrownBy(() -> TripletLoss.of(memory, two, one, Options.defaults(), 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("texts must have shape [2, 3], but has [1, 3]");
        INDArray vector = TestArrays.blank(DataType.DOUBLE, 3);
        assertThatThrownBy(() -> TripletLoss.of(memory, vector, vector, Options.defaults(), 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("images must have shape [*, *], but has [3]");
        assertThatThrownBy(() -> Options.defaults().withMargin(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("margin must be positive and finite, but is 0.0");
        assertThatThrownBy(() -> new NegativesRamp(-1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("epochsOfAll must be 0 or more, but is -1");
        assertThatThrownBy(() -> NegativesRamp.published().at(-1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("epoch must be 0 or more, but is -1");
    }

    private static INDArray times4(INDArray gradient) {
        return TestArrays.of(DataType.DOUBLE, TestArrays.each(numbers(gradient), g -> 4 * g), gradient.shape());
    }

    private static INDArray array(double... numbers) {
        return TestArrays.of(DataType.DOUBLE, numbers, 2, 2);
    }
}
