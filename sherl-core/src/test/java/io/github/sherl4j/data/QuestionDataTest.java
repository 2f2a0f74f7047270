package io.github.sherl4j.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sherl4j.TestArrays;
import io.github.sherl4j.weights.SafeTensors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;

class QuestionDataTest {
    @TempDir
    private Path folder;

    @Test
    void readsTheFormatOfLxmert() throws IOException {
        Path file = Files.writeString(folder.resolve("train.json"), """
            [{"answer_type": "other", "img_id": "COCO_1", "label": {"net": 1, "goal": 0.3}, "question_id": 458752000,
              "question_type": "what is this", "sent": "What is this photo taken looking through?"},
             {"img_id": "COCO_2", "sent": "Is it dark?", "label": {"net": 0.6}},
             {"img_id": "COCO_2", "sent": "Why?"}]\
            """);
        List<QuestionExample> examples = QuestionFile.read(file);
        assertThat(examples)
                .containsExactly(
                        new QuestionExample(
                                "458752000",
                                "COCO_1",
                                "What is this photo taken looking through?",
                                Map.of("net", 1.0, "goal", 0.3)),
                        new QuestionExample("2", "COCO_2", "Is it dark?", Map.of("net", 0.6)),
                        new QuestionExample("3", "COCO_2", "Why?", Map.of()));
        assertThat(QuestionFile.answers(examples, 1)).containsExactly("net", "goal");
        assertThat(QuestionFile.answers(examples, 2)).containsExactly("net");
        assertThat(QuestionFile.readAnswers(Files.writeString(folder.resolve("a.json"), "[\"net\", \"yes\"]")))
                .containsExactly("net", "yes");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"a\": 1}|q.json must be a JSON array, but is OBJECT",
                "[]|q.json must have questions, but has none",
                "[{\"img_id\": \"a\"}]|q.json: question 1 must have a text \"sent\", but has ",
                "[{\"img_id\": 3, \"sent\": \"x\"}]|q.json: question 1 must have a text \"img_id\", but has 3",
                "[{\"img_id\": \"a\", \"sent\": \" \"}]|q.json: question 1: question 1 must not be blank",
                "[{\"img_id\": \"a\", \"sent\": \"x\", \"label\": \"yes\"}]|q.json: question 1 must have answers with"
                        + " scores as its \"label\", but has \"yes\"",
                "[{\"img_id\": \"a\", \"sent\": \"x\", \"label\": {\"yes\": \"1\"}}]|q.json: question 1 must have a"
                        + " number for the answer \"yes\", but has \"1\"",
                "[{\"img_id\": \"a\", \"sent\": \"x\", \"label\": {\"yes\": 1.5}}]|q.json: question 1: question 1 must"
                        + " have scores over 0 and up to 1, but \"yes\" has 1.5"
            })
    void refusesOtherContentInOneSentence(String json, String message) throws IOException {
        Path file = Files.writeString(folder.resolve("q.json"), json);
        assertThatThrownBy(() -> QuestionFile.read(file))
                .isInstanceOf(IllegalArgumentException.class)
                .message()
                .satisfies(found -> assertThat(found.strip()).endsWith(message.strip()));
    }

    @Test
    void batchesHaveScoresOfKnownAnswersAndPaddedFeatures() {
        VisualFeatures features = VisualFeatures.of(
                Map.of("a", new FeatureRows(2, new float[] {1, 2}), "b", new FeatureRows(2, new float[] {3, 4, 5, 6})));
        QuestionData data = QuestionData.of(
                List.of(
                        new QuestionExample("1", "a", "x", Map.of("yes", 1.0, "rare", 0.3)),
                        new QuestionExample("2", "b", "y", Map.of("no", 0.6))),
                List.of(text(7), text(8, 9)),
                features,
                List.of("yes", "no"));
        assertThat(data.size()).isEqualTo(2);
        assertThat(data.cost(1)).isEqualTo(2);
        try (QuestionBatch batch = data.batch(new int[] {1, 0})) {
            assertThat(batch.size()).isEqualTo(2);
            assertThat(TestArrays.numbers(batch.scores())).containsExactly(0, 0.6f, 1, 0);
            assertThat(TestArrays.numbers(batch.features())).containsExactly(3, 4, 5, 6, 1, 2, 0, 0);
            assertThat(TestArrays.numbers(batch.featureMask())).containsExactly(1, 1, 1, 0);
            assertThat(TestArrays.numbers(batch.questions().ids())).containsExactly(8, 9, 7, 0);
        }
    }

    @Test
    void readsFeatureFilesWithAndWithoutAGrid() throws IOException {
        FeatureFolder features = new FeatureFolder(folder);
        features.write("a", new FeatureRows(2, new float[] {1, 2, 3, 4}));
        assertThat(features.of("a").values()).containsExactly(1, 2, 3, 4);
        assertThat(features.of("a").rows()).isEqualTo(2);
        SafeTensors.write(
                folder.resolve("grid.safetensors"),
                Map.of("features", TestArrays.of(DataType.FLOAT, new double[] {1, 2, 3, 4}, 1, 2, 2)),
                Map.of());
        assertThat(features.of("grid").rows()).isEqualTo(2);
    }

    @Test
    void refusesFeaturesThatAreNotThereOrMalformed() throws IOException {
        FeatureFolder features = new FeatureFolder(folder);
        assertThatThrownBy(() -> features.of("none"))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessage("The features of \"none\" cannot be read");
        SafeTensors.write(
                folder.resolve("bad.safetensors"),
                Map.of("features", TestArrays.of(DataType.FLOAT, new double[] {1, 2}, 2)),
                Map.of());
        assertThatThrownBy(() -> features.of("bad"))
                .hasMessageEndingWith("bad.safetensors must have features of shape [regions, width] or"
                        + " [rows, columns, width], but has [2]");
        SafeTensors.write(
                folder.resolve("other.safetensors"),
                Map.of("x", TestArrays.of(DataType.FLOAT, new double[] {1, 2}, 2)),
                Map.of());
        assertThatThrownBy(() -> features.of("other"))
                .hasMessageEndingWith("other.safetensors must have a tensor \"features\", but has [x]");
        assertThatThrownBy(() -> features.of("../../x")).hasMessageContaining("must be named inside of");
        assertThatThrownBy(() -> new FeatureFolder(folder.resolve("missing")))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessageContaining("expected a folder of feature files");
        assertThatThrownBy(() -> VisualFeatures.of(Map.of()).of("x"))
                .hasMessage("There are no features of the picture \"x\" among those of 0 pictures");
    }

    @Test
    void refusesBatchesThatDoNotFitTogether() {
        FeatureRows two = new FeatureRows(2, new float[2]);
        FeatureRows three = new FeatureRows(3, new float[3]);
        assertThatThrownBy(() -> QuestionBatch.of(List.of(text(1), text(2)), List.of(two, three), new float[0][]))
                .hasMessage("features must have one width, but one picture's have 2 and another's 3");
        assertThatThrownBy(() -> QuestionBatch.of(List.of(text(1)), List.of(two, two), new float[0][]))
                .hasMessage("features must be those of 1 pictures, one a question, but are of 2");
        assertThatThrownBy(() -> new FeatureRows(2, new float[3]))
                .hasMessage("values must be one or more rows of 2 numbers, but are 3 numbers");
        try (QuestionBatch batch = QuestionBatch.of(List.of(text(1)), List.of(two), new float[0][])) {
            assertThatThrownBy(batch::scores)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("this batch has no scores of answers");
        }
    }

    private static TokenizedText text(int... ids) {
        return new TokenizedText(ids, new int[ids.length]);
    }
}
