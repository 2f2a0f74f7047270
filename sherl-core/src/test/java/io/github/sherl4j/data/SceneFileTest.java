package io.github.sherl4j.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.sherl4j.TestArrays;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SceneFileTest {
    private static final String IMAGE =
            "{\"id\": 7, \"file_name\": \"a.png\", \"width\": 20, \"height\": 10, \"caption\": \"the cat sat on a"
                    + " mat\"}";

    @TempDir
    private Path folder;

    @Test
    void readsTheFormatOfMdetr() throws IOException {
        Path file = write("{\"image_id\": 7, \"bbox\": [5, 2, 10, 4], \"tokens_positive\": [[4, 7]], \"iscrowd\": 0},"
                + "{\"image_id\": 7, \"bbox\": [0, 0, 20, 10], \"tokens_positive\": [[15, 16], [17, 20]]}");
        List<SceneExample> examples = SceneFile.read(file);
        assertThat(examples).hasSize(1);
        SceneExample example = examples.get(0);
        assertThat(example.image()).isEqualTo("a.png");
        assertThat(example.text()).isEqualTo("the cat sat on a mat");
        assertThat(example.phrases())
                .containsExactly(
                        new SceneExample.Phrase(List.of(new SceneExample.Span(4, 7)), new Box(0.5, 0.4, 0.5, 0.4)),
                        new SceneExample.Phrase(
                                List.of(new SceneExample.Span(15, 16), new SceneExample.Span(17, 20)),
                                new Box(0.5, 0.5, 1, 1)));
        assertThat(example.phrases().get(0).box().pixels(20, 10))
                .containsExactly(new double[] {5, 2, 15, 6}, within(1e-12));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[15, 2, 10, 4]|[[4, 7]]|a box must be inside of its picture of 20.0 x 10.0 pixels, but reaches from"
                        + " (15.0, 2.0) to (25.0, 6.0)",
                "[-1, 2, 10, 4]|[[4, 7]]|a box must be inside of its picture of 20.0 x 10.0 pixels, but reaches from"
                        + " (-1.0, 2.0) to (9.0, 6.0)",
                "[5, 2, 0, 4]|[[4, 7]]|a box must have an area, but is 0.0 x 4.0 pixels",
                "[5, 2, 4]|[[4, 7]]|box 1 must have four numbers as its \"bbox\", but has [5,2,4]",
                "[5, 2, 4, 4]|[]|a phrase must have characters, but has none",
                "[5, 2, 4, 4]|[[7, 7]]|a phrase must have characters, but goes from 7 to 7",
                "[5, 2, 4, 4]|[[4, 21]]|a phrase of picture a.png must be in its text of 20 characters, but goes from"
                        + " 4 to 21"
            })
    void refusesBoxesAndPhrasesInOneSentence(String box, String tokens, String message) throws IOException {
        Path file = write("{\"image_id\": 7, \"bbox\": " + box + ", \"tokens_positive\": " + tokens + "}");
        assertThatThrownBy(() -> SceneFile.read(file))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(file + ": picture 7")
                .hasMessageEndingWith(message);
    }

    @Test
    void refusesBoxesOfUnknownPicturesAndFilesWithoutAny() throws IOException {
        Path file = write("{\"image_id\": 8, \"bbox\": [5, 2, 4, 4], \"tokens_positive\": [[4, 7]]}");
        assertThatThrownBy(() -> SceneFile.read(file))
                .hasMessageEndingWith("has a box in the picture 8, which it does not have");
        Path empty = Files.writeString(folder.resolve("empty.json"), "{}");
        assertThatThrownBy(() -> SceneFile.read(empty))
                .hasMessageEndingWith("must have a list \"images\" of pictures, but has none");
        assertThatThrownBy(() -> new Box(0.9, 0.5, 0.4, 0.1))
                .hasMessageContaining("a box must be inside of its picture");
    }

    @Test
    void batchesArePaddedAndKnowTheTokensOfTheirPhrases() throws IOException {
        ImageIO.write(
                new BufferedImage(20, 10, BufferedImage.TYPE_INT_RGB),
                "png",
                folder.resolve("a.png").toFile());
        ImageIO.write(
                new BufferedImage(4, 8, BufferedImage.TYPE_INT_RGB),
                "png",
                folder.resolve("b.png").toFile());
        List<SceneExample> examples = List.of(
                new SceneExample(
                        "a.png",
                        20,
                        10,
                        "the cat sat",
                        List.of(new SceneExample.Phrase(
                                List.of(new SceneExample.Span(4, 7)), new Box(0.5, 0.5, 0.2, 0.2)))),
                new SceneExample("b.png", 4, 8, "a dog", List.of()));
        try (TextTokenizer tokenizer = TinyTokenizer.load()) {
            SceneData data = SceneData.of(examples, tokenizer, 12, ImageFolder.open(folder), 10, PixelNorm.NONE);
            assertThat(data.targets(0).get(0).tokens()).containsExactly(2);
            try (SceneBatch batch = data.batch(new int[] {0, 1})) {
                assertThat(batch.images().pixels().shape()).containsExactly(2, 10, 10, 3);
                assertThat(batch.sizes()).isDeepEqualTo(new int[][] {{5, 10}, {10, 5}});
                assertThat(TestArrays.numbers(batch.texts().ids())).containsExactly(2, 5, 24, 26, 3, 2, 6, 25, 3, 0);
                assertThat(batch.boxes()).isEqualTo(1);
                assertThat(batch.meanBoxes()).isEqualTo(0.5);
            }
            try (SceneBatch part = data.part(new int[] {1, 0, 0}, 0, 1)) {
                assertThat(part.boxes()).isZero();
                assertThat(part.meanBoxes()).as("of the whole").isEqualTo(2.0 / 3);
            }
            try (SceneBatch empty = data.batch(new int[] {1, 1})) {
                assertThat(empty.meanBoxes()).as("as if of one box").isEqualTo(0.5);
            }
            assertThatThrownBy(() -> SceneData.of(examples, tokenizer, 4, ImageFolder.open(folder), 10, PixelNorm.NONE))
                    .hasMessage("text has 5 tokens: expected at most 4, but it is \"the cat sat\"");
            List<SceneExample> missing = List.of(new SceneExample("c.png", 4, 8, "a dog", List.of()));
            assertThatThrownBy(() -> SceneData.of(missing, tokenizer, 12, ImageFolder.open(folder), 10, PixelNorm.NONE))
                    .hasMessage("There is no picture \"c.png\" among 2 pictures");
        }
    }

    private Path write(String annotations) throws IOException {
        return Files.writeString(
                folder.resolve("scenes.json"), "{\"images\": [" + IMAGE + "], \"annotations\": [" + annotations + "]}");
    }
}
