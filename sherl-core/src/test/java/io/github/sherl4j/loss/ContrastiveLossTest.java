package io.github.sherl4j.loss;

import static io.github.sherl4j.TestArrays.numbers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.sherl4j.CentralDifferences;
import io.github.sherl4j.TestArrays;
import io.github.sherl4j.nd.Memory;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class ContrastiveLossTest {
    private static final double TEMPERATURE = 0.4;

    private final Memory memory = new Memory(DataType.DOUBLE);
    private final INDArray logScale = TestArrays.of(DataType.DOUBLE, new double[] {-Math.log(TEMPERATURE)}, 1);

    @AfterEach
    void free() {
        memory.close();
    }

    @Test
    void equalsTheDefinitionAndCentralDifferences() {
        for (int pairs : new int[] {2, 5}) {
            INDArray images = TestArrays.normal(DataType.DOUBLE, 1, pairs, 3);
            INDArray texts = TestArrays.normal(DataType.DOUBLE, 2, pairs, 3);
            double[] before = numbers(images);

            ContrastiveLoss.Result result = ContrastiveLoss.of(memory, images, texts, logScale, 0.25);
            INDArray gradImages = times4(result.gradImages());
            INDArray gradTexts = times4(result.gradTexts());
            INDArray gradLogScale = times4(Objects.requireNonNull(result.gradLogScale()));

            assertThat(result.value()).isCloseTo(slow(before, numbers(texts), pairs), within(1e-13));
            assertThat(numbers(images)).isEqualTo(before);
            CentralDifferences.check("images", images, gradImages, () -> value(images, texts));
            CentralDifferences.check("texts", texts, gradTexts, () -> value(images, texts));
            CentralDifferences.check("logScale", logScale, gradLogScale, () -> value(images, texts));
        }
    }

    private double value(INDArray images, INDArray texts) {
        return ContrastiveLoss.of(memory, images, texts, logScale, 1).value();
    }

    private static double slow(double[] images, double[] texts, int pairs) {
        double sum = 0;
        for (int i = 0; i < pairs; i++) {
            double ofImage = 0;
            double ofText = 0;
            for (int j = 0; j < pairs; j++) {
                ofImage += Math.exp(logit(images, i, texts, j));
                ofText += Math.exp(logit(images, j, texts, i));
            }
            sum += Math.log(ofImage) + Math.log(ofText) - 2 * logit(images, i, texts, i);
        }
        return sum / pairs / 2;
    }

    private static double logit(double[] a, int i, double[] b, int j) {
        double dot = a[3 * i] * b[3 * j] + a[3 * i + 1] * b[3 * j + 1] + a[3 * i + 2] * b[3 * j + 2];
        return dot / TEMPERATURE;
    }

    @Test
    void aConstantTemperatureGivesTheSame() {
        INDArray images = TestArrays.normal(DataType.DOUBLE, 1, 4, 3);
        INDArray texts = TestArrays.normal(DataType.DOUBLE, 2, 4, 3);
        ContrastiveLoss.Result learned = ContrastiveLoss.of(memory, images, texts, logScale, 1);

        ContrastiveLoss.Result constant = ContrastiveLoss.of(memory, images, texts, TEMPERATURE, 1);

        assertThat(constant.value()).isCloseTo(learned.value(), within(1e-14));
        assertThat(numbers(constant.gradImages())).containsExactly(numbers(learned.gradImages()), within(1e-14));
        assertThat(numbers(constant.gradTexts())).containsExactly(numbers(learned.gradTexts()), within(1e-14));
        assertThat(constant.gradLogScale()).isNull();
    }

    @Test
    void imagesAndTextsMayChangeSides() {
        INDArray images = TestArrays.normal(DataType.DOUBLE, 1, 4, 3);
        INDArray texts = TestArrays.normal(DataType.DOUBLE, 2, 4, 3);
        ContrastiveLoss.Result one = ContrastiveLoss.of(memory, images, texts, TEMPERATURE, 1);

        ContrastiveLoss.Result other = ContrastiveLoss.of(memory, texts, images, TEMPERATURE, 1);

        assertThat(other.value()).isCloseTo(one.value(), within(1e-15));
        assertThat(numbers(other.gradTexts())).containsExactly(numbers(one.gradImages()), within(1e-14));
    }

    @Test
    void refusesWhatCannotBe() {
        INDArray one = TestArrays.blank(DataType.DOUBLE, 1, 3);
        INDArray two = TestArrays.blank(DataType.DOUBLE, 2, 3);
        String alone = "images and texts must be at least 2 pairs, since the negatives come from the batch, but are 1";
        assertThatThrownBy(() -> ContrastiveLoss.of(memory, one, one, 1.0, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(alone);
        assertThatThrownBy(() -> ContrastiveLoss.of(memory, one, one, logScale, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(alone);
        assertThatThrownBy(() -> ContrastiveLoss.of(memory, two, one, logScale, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("texts must have shape [2, 3], but has [1, 3]");
        INDArray vector = TestArrays.blank(DataType.DOUBLE, 3);
        assertThatThrownBy(() -> ContrastiveLoss.of(memory, vector, vector, 1.0, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("images must have shape [*, *], but has [3]");
        assertThatThrownBy(() -> ContrastiveLoss.of(memory, two, two, 0.0, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("temperature must be positive and finite, but is 0.0");
        assertThatThrownBy(() -> ContrastiveLoss.of(memory, two, two, two, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("logScale must have shape [1], but has [2, 3]");
    }

    private static INDArray times4(INDArray gradient) {
        return TestArrays.of(DataType.DOUBLE, TestArrays.each(numbers(gradient), g -> 4 * g), gradient.shape());
    }
}
