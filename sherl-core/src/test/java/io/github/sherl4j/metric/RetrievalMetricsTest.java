package io.github.sherl4j.metric;

import static io.github.sherl4j.TestArrays.numbers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sherl4j.NativeBytes;
import io.github.sherl4j.TestArrays;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class RetrievalMetricsTest {
    private static final double NAN = Double.NaN;

    @Test
    void workedByHand() {
        INDArray similarities = similarities(
                new double[] {0.9, 0.1, 0.3, 0.2}, // image 0 has texts 0 and 1: rank 1
                new double[] {0.8, 0.7, 0.5, 0.4}, // image 1 has text 3: rank 4
                new double[] {0.1, 0.2, 0.6, 0.3}); // image 2 has text 2: rank 1

        RetrievalMetrics metrics = RetrievalMetrics.ofSimilarities(similarities, new int[] {0, 0, 2, 1});

        assertThat(metrics.imageToText()).isEqualTo(RankMetrics.of(1, 4, 1));
        assertThat(metrics.textToImage()).isEqualTo(RankMetrics.of(1, 3, 1, 1));
        assertThat(metrics.recallSum())
                .isEqualTo(metrics.imageToText().recallSum()
                        + metrics.textToImage().recallSum());
    }

    @Test
    void tiesAndWhatIsNoNumberCountAgainstTheModel() {
        assertThat(imageRanks(new double[] {1, 1, 1}, 0, 1, 1)).isEqualTo(RankMetrics.of(3));
        assertThat(imageRanks(new double[] {1, 1, 0}, 0, 0, 1)).isEqualTo(RankMetrics.of(1));
        assertThat(imageRanks(new double[] {1, NAN, 0}, 0, 1, 1)).isEqualTo(RankMetrics.of(2));
        assertThat(imageRanks(new double[] {NAN, 1, 0}, 0, 1, 1)).isEqualTo(RankMetrics.of(3));
        double least = Double.NEGATIVE_INFINITY;
        assertThat(imageRanks(new double[] {least, least, least}, 0, 1, 1)).isEqualTo(RankMetrics.of(3));
    }

    /** The first image's rank alone: a second one, which has the other texts, comes first by itself. */
    private static RankMetrics imageRanks(double[] similarities, int... imageOfText) {
        double[] second = {0, 0, 5};
        RankMetrics both = RetrievalMetrics.ofSimilarities(similarities(similarities, second), imageOfText)
                .imageToText();
        return RankMetrics.of((int) Math.round(2 * both.meanRank() - 1));
    }

    @Test
    void anImageWithoutTextIsACandidateOnly() {
        INDArray similarities = similarities(new double[] {0.5, 0.9}, new double[] {0.7, 0.1});

        RetrievalMetrics metrics = RetrievalMetrics.ofSimilarities(similarities, new int[] {0, 0});

        assertThat(metrics.imageToText()).isEqualTo(RankMetrics.of(1));
        assertThat(metrics.textToImage()).isEqualTo(RankMetrics.of(2, 1));
    }

    @Test
    void embeddingsAndBlocksOfAnySizeGiveTheDefinition() {
        int images = 7;
        int texts = 23;
        for (DataType type : new DataType[] {DataType.FLOAT, DataType.DOUBLE}) {
            INDArray imageEmbeddings = TestArrays.normal(type, 1, images, 5);
            INDArray textEmbeddings = TestArrays.normal(type, 2, texts, 5);
            int[] truth = IntStream.range(0, texts).map(t -> t * t % images).toArray();
            INDArray similarities = imageEmbeddings.mmul(textEmbeddings.transpose());
            double[] before = numbers(similarities);
            RetrievalMetrics expected = slow(before, images, texts, truth);

            for (long bytes : new long[] {1, 200, 500, 1 << 20}) {
                assertThat(RetrievalMetrics.ofSimilarities(similarities, truth, bytes))
                        .isEqualTo(expected);
                assertThat(RetrievalMetrics.ofEmbeddings(imageEmbeddings, textEmbeddings, truth, bytes))
                        .isEqualTo(expected);
            }
            assertThat(RetrievalMetrics.ofSimilarities(similarities, truth)).isEqualTo(expected);
            assertThat(RetrievalMetrics.ofSimilarities(similarities.dup('f'), truth))
                    .isEqualTo(expected);
            assertThat(RetrievalMetrics.ofEmbeddings(imageEmbeddings, textEmbeddings, truth))
                    .isEqualTo(expected);
            assertThat(numbers(similarities)).isEqualTo(before);
        }
    }

    private static RetrievalMetrics slow(double[] similarities, int images, int texts, int[] truth) {
        List<Integer> imageRanks = new ArrayList<>();
        for (int i = 0; i < images; i++) {
            int image = i;
            int[] order = IntStream.range(0, texts)
                    .boxed()
                    .sorted((a, b) -> Double.compare(similarities[image * texts + b], similarities[image * texts + a]))
                    .mapToInt(Integer::intValue)
                    .toArray();
            IntStream.range(0, texts)
                    .filter(place -> truth[order[place]] == image)
                    .findFirst()
                    .ifPresent(place -> imageRanks.add(place + 1));
        }
        int[] textRanks = new int[texts];
        for (int t = 0; t < texts; t++) {
            double own = similarities[truth[t] * texts + t];
            for (int i = 0; i < images; i++) {
                textRanks[t] += similarities[i * texts + t] >= own ? 1 : 0;
            }
        }
        int[] ranks = imageRanks.stream().mapToInt(Integer::intValue).toArray();
        return new RetrievalMetrics(RankMetrics.of(ranks), RankMetrics.of(textRanks));
    }

    @Test
    void holdsABlockAndFreesIt() throws InterruptedException {
        INDArray images = TestArrays.normal(DataType.FLOAT, 1, 300, 2);
        INDArray texts = TestArrays.normal(DataType.FLOAT, 2, 300, 2);
        int[] truth = IntStream.range(0, 300).toArray();
        RetrievalMetrics.ofEmbeddings(images, texts, truth, 12_000);
        long before = NativeBytes.settled();

        RetrievalMetrics.ofEmbeddings(images, texts, truth, 12_000);

        assertThat(NativeBytes.settled()).isEqualTo(before);
    }

    @Test
    void refusesWhatCannotBe() {
        INDArray similarities = TestArrays.blank(DataType.FLOAT, 2, 3);
        assertThatThrownBy(() -> RetrievalMetrics.ofSimilarities(similarities, new int[] {0, 1}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("imageOfText must have 3 entries, one per text, but has 2");
        assertThatThrownBy(() -> RetrievalMetrics.ofSimilarities(similarities, new int[] {0, 1, 2}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("imageOfText must be rows of images from 0 to 1, but that of text 2 is 2");
        assertThatThrownBy(() -> RetrievalMetrics.ofEmbeddings(
                        similarities, TestArrays.blank(DataType.FLOAT, 2, 4), new int[] {0, 1}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("texts must have shape [*, 3], but has [2, 4]");
        INDArray vector = TestArrays.blank(DataType.FLOAT, 3);
        assertThatThrownBy(() -> RetrievalMetrics.ofEmbeddings(vector, similarities, new int[] {0, 1}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("images must have shape [*, *], but has [3]");
        assertThatThrownBy(() -> RetrievalMetrics.ofSimilarities(vector, new int[] {0, 1, 2}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("similarities must have shape [*, *], but has [3]");
    }

    private static INDArray similarities(double[]... rows) {
        double[] numbers = new double[rows.length * rows[0].length];
        for (int i = 0; i < rows.length; i++) {
            System.arraycopy(rows[i], 0, numbers, i * rows[0].length, rows[0].length);
        }
        return TestArrays.of(DataType.DOUBLE, numbers, rows.length, rows[0].length);
    }
}
