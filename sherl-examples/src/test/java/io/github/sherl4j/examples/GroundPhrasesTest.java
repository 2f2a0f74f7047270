package io.github.sherl4j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.ObjectMapper;

class GroundPhrasesTest {
    @TempDir
    Path folder;

    @Test
    void comparesAllMethodsOnEmojiAndDrawsBoxes() throws IOException {
        Path json = folder.resolve("results.json");
        Path picture = folder.resolve("boxes.png");
        Run run = Run.of(
                new GroundPhrases(),
                "--scenes=32",
                "--pretrain-epochs=1",
                "--epochs=1",
                "--batch=16",
                "--picture=" + picture,
                "--save=" + folder.resolve("adapter"),
                "--json=" + json);
        assertThat(run.err()).contains("small network", "head", "sherl", "full");
        assertThat(run.code()).isZero();
        assertThat(run.out()).contains("acc@0.5", "recall@10");
        JsonNode results = new ObjectMapper().readTree(json.toFile()).path("results");
        assertThat(results.findValuesAsText("method")).containsExactly("head", "sherl", "full");
        for (JsonNode result : results) {
            assertThat(result.path("recall")).hasSize(3);
            assertThat(result.path("recall").path(0).asDouble()).isBetween(0.0, 1.0);
            assertThat(result.path("peak_mb").asDouble()).isPositive();
        }
        assertThat(results.path(2).path("trainable").asLong())
                .isGreaterThan(results.path(1).path("trainable").asLong());
        assertThat(folder.resolve("adapter")).isDirectoryContaining("glob:**adapter.safetensors");
        BufferedImage drawn = ImageIO.read(picture.toFile());
        assertThat(drawn.getWidth()).isEqualTo(4 * 256);
        assertThat(drawn.getHeight()).isEqualTo(256);
    }

    @Test
    void takesACheckpointPicturesAndBoxes() throws IOException {
        Path model = Files.createDirectory(folder.resolve("model"));
        SmallSceneNetwork.train(EmojiData.load(), 32, 1, model, new PrintWriter(new StringWriter()));
        Path pictures = Files.createDirectory(folder.resolve("pictures"));
        ImageIO.write(
                new BufferedImage(40, 30, BufferedImage.TYPE_INT_RGB),
                "png",
                pictures.resolve("a.png").toFile());
        Path scenes = scenes("[10, 5, 20, 10]");
        Run run = run(model, pictures, scenes);
        assertThat(run.err()).contains("sherl");
        assertThat(run.code()).isZero();

        Run wrong = run(model, pictures, scenes("[30, 5, 20, 10]"));
        assertThat(wrong.code()).isEqualTo(1);
        assertThat(wrong.err().strip())
                .endsWith(
                        "picture 1: box 1: a box must be inside of its picture of 40.0 x 30.0 pixels, but reaches from"
                                + " (30.0, 5.0) to (50.0, 15.0)");
    }

    private static Run run(Path model, Path pictures, Path scenes) {
        return Run.of(
                new GroundPhrases(),
                "--method=sherl",
                "--model=" + model,
                "--train=" + scenes,
                "--test=" + scenes,
                "--pictures=" + pictures,
                "--side=32",
                "--epochs=1",
                "--batch=1");
    }

    private Path scenes(String box) throws IOException {
        return Files.writeString(folder.resolve("scenes.json"), """
            {"images": [{"id": 1, "file_name": "a.png", "width": 40, "height": 30, "caption": "find the dog"}],
             "annotations": [{"image_id": 1, "bbox": %s, "tokens_positive": [[9, 12]]}]}\
            """.formatted(box));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        --epochs 0          | --epochs must be at least 1, but is 0
        --batch 0           | --batch must be at least 1, but is 0
        --scenes 5          | --scenes must be at least 32, but is 5
        --rate -1           | --rate must be positive, but is -1.0
        --json none/a.json  | --json must be a file in a folder that exists, but is none/a.json
        --picture none/a.png | --picture must be a file in a folder that exists, but is none/a.png
        --side 64           | --side needs --model
        --method head --save x | --save needs --method sherl
        --model x           | --model needs --train, --test and --pictures
        """)
    void refusesOptions(String arguments, String message) {
        Run run = Run.of(new GroundPhrases(), arguments.split(" "));
        assertThat(run.err().strip()).isEqualTo(message);
        assertThat(run.code()).isEqualTo(2);
    }
}
