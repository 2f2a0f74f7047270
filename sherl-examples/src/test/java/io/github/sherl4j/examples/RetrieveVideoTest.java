package io.github.sherl4j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sherl4j.backbone.clip.Clip;
import io.github.sherl4j.backbone.clip.ClipImageConfig;
import io.github.sherl4j.backbone.clip.ClipTextConfig;
import io.github.sherl4j.data.TextTokenizer;
import io.github.sherl4j.layer.Activation;
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
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.ObjectMapper;

class RetrieveVideoTest {
    @TempDir
    Path folder;

    @Test
    void comparesAllMethodsOnClipsOfEmoji() throws IOException {
        Path json = folder.resolve("results.json");

        Run run = Run.of(
                new RetrieveVideo(),
                "--limit=2",
                "--pretrain-epochs=1",
                "--epochs=2",
                "--batch=4",
                "--part=3",
                "--frames=3",
                "--save=" + folder.resolve("adapters"),
                "--json=" + json);

        assertThat(run.err()).contains("small CLIP", "head", "sherl", "full");
        assertThat(run.code()).isZero();
        assertThat(folder.resolve("adapters/adapter.safetensors")).isRegularFile();
        JsonNode results = new ObjectMapper().readTree(json.toFile()).path("results");
        assertThat(results.findValuesAsText("method")).containsExactly("zero-shot", "head", "sherl", "full");
        for (JsonNode result : results) {
            assertThat(result.path("recall_sum").asDouble())
                    .isBetween(400.0, 600.0); // four clips are within the first five
        }
        assertThat(results.path(0).path("peak_mb").isNull()).isTrue();
        assertThat(results.path(2).path("peak_mb").asDouble()).isPositive();
        assertThat(results.path(3).path("trainable").asLong())
                .isGreaterThan(results.path(2).path("trainable").asLong());
    }

    @Test
    void takesACheckpointAndVideosOfOnesOwn() throws IOException {
        Path clip = clip();
        video("videos/red", 0xff0000, 5);
        video("videos/blue", 0x0000ff, 2);
        video("videos/green", 0x00ff00, 1);
        Path captions = Files.writeString(
                folder.resolve("captions.csv"), "video,caption\nred,a red clip\nblue,a blue clip\nred,it is red\n");
        Path held = Files.writeString(folder.resolve("held.tsv"), "video\tcaption\ngreen\ta green clip\n");

        Run run = Run.of(
                new RetrieveVideo(),
                "--method=sherl",
                "--no-gates",
                "--no-cache",
                "--model=" + clip,
                "--videos=" + folder.resolve("videos"),
                "--train=" + captions,
                "--test=" + held,
                "--epochs=1",
                "--batch=3",
                "--part=2");

        assertThat(run.err()).contains("sherl").doesNotContain("small CLIP");
        assertThat(run.code()).isZero();
        assertThat(run.out()).contains("zero-shot", "sherl", "100.0");

        Files.writeString(captions, "video,caption\nred,a red clip\ngone,a blue clip\n");
        Run gone = Run.of(
                new RetrieveVideo(),
                "--model=" + clip,
                "--videos=" + folder.resolve("videos"),
                "--train=" + captions,
                "--test=" + held);
        assertThat(gone.code()).isEqualTo(1);
        assertThat(gone.err().strip())
                .isEqualTo(
                        folder.resolve("videos/gone") + ": there is no such folder of frames for the video \"gone\"");
    }

    private Path clip() throws IOException {
        Path clip = Files.createDirectory(folder.resolve("clip"));
        ClipWords words = ClipWords.of(List.of("a red blue green clip it is"));
        Files.writeString(clip.resolve("tokenizer.json"), words.json());
        ClipImageConfig image = new ClipImageConfig(8, 4, 3, 8, 2, 2, 16, 6, Activation.QUICK_GELU, 1e-5);
        ClipTextConfig text = new ClipTextConfig(words.vocabulary(), 9, 8, 2, 2, 16, 6, Activation.QUICK_GELU, 1e-5);
        TextTokenizer tokenizer = TextTokenizer.load(clip.resolve("tokenizer.json"));
        try (Clip network = Clip.random(image, text, tokenizer, 10, 1)) {
            network.save(clip);
        }
        return clip;
    }

    private void video(String name, int rgb, int frames) throws IOException {
        Path own = Files.createDirectories(folder.resolve(name));
        for (int i = 0; i < frames; i++) {
            BufferedImage frame = new BufferedImage(12, 9, BufferedImage.TYPE_INT_RGB);
            for (int x = i; x < 12; x++) {
                frame.setRGB(x, 4, rgb);
            }
            ImageIO.write(frame, "png", own.resolve("frame" + i + ".png").toFile());
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        --epochs 0          | --epochs must be at least 1, but is 0
        --batch 1           | --batch must be at least 2, since a single pair has no negatives, but is 1
        --frames 0          | --frames must be at least 1, but is 0
        --limit 0           | --limit must be at least 1, but is 0
        --videos .          | --videos, --train and --test need each other
        --train a.csv       | --videos, --train and --test need each other
        --video-column v    | --video-column needs --videos
        --pretrain-epochs 0 | --pretrain-epochs must be at least 1, but is 0
        --json none/a.json  | --json must be a file in a folder that exists, but is none/a.json
        """)
    void refusesOptions(String arguments, String message) {
        Run run = Run.of(new RetrieveVideo(), arguments.split(" "));

        assertThat(run.err().strip()).isEqualTo(message);
        assertThat(run.code()).isEqualTo(2);
    }
}
