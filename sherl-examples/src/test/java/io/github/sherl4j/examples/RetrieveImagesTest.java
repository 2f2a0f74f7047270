package io.github.sherl4j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sherl4j.backbone.resnet.ResNetBackbone;
import io.github.sherl4j.backbone.resnet.ResNetConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.ObjectMapper;

class RetrieveImagesTest {
    @TempDir
    Path folder;

    @Test
    void comparesAllMethods() throws IOException {
        Path text = TinyBert.write(folder.resolve("tiny-bert"));
        Path json = folder.resolve("results.json");

        Run run = Run.of(
                new RetrieveImages(),
                "--text-model=" + text,
                "--limit=12",
                "--epochs=1",
                "--batch=8",
                "--part=3",
                "--embed=16",
                "--adapt=images,texts",
                "--save=" + folder.resolve("adapters"),
                "--json=" + json);

        assertThat(run.err()).contains("head", "sherl", "full");
        assertThat(run.code()).isZero();
        assertThat(folder.resolve("adapters/adapter.safetensors")).isRegularFile();
        assertThat(run.out()).contains("i2t @1", "t2i @1", "peak MB");
        JsonNode results = new ObjectMapper().readTree(json.toFile()).path("results");
        assertThat(results.findValuesAsText("method")).containsExactly("head", "sherl", "full");
        for (JsonNode result : results) {
            assertThat(result.path("recall_sum").asDouble()).isBetween(100.0 * 10 / 12, 600.0);
            assertThat(result.path("peak_mb").asDouble()).isPositive();
            assertThat(result.path("image_to_text")).hasSize(3);
        }
        assertThat(results.path(2).path("trainable").asLong())
                .isGreaterThan(results.path(1).path("trainable").asLong());
    }

    @Test
    void takesACheckpoint() throws IOException {
        Path text = TinyBert.write(folder.resolve("tiny-bert"));
        Path images = Files.createDirectory(folder.resolve("resnet"));
        try (ResNetBackbone network = ResNetBackbone.random(ResNetConfig.resNet18(), DataType.FLOAT, 1)) {
            network.save(images.resolve("model.safetensors"));
        }

        Run run = Run.of(
                new RetrieveImages(),
                "--method=sherl",
                "--text-model=" + text,
                "--model=" + images,
                "--arch=resnet18",
                "--image-size=64",
                "--limit=4",
                "--epochs=1",
                "--batch=4",
                "--part=4");

        assertThat(run.err()).contains("sherl");
        assertThat(run.code()).isZero();

        Run wrong = Run.of(new RetrieveImages(), "--text-model=" + text, "--model=" + images, "--arch=resnet50");
        assertThat(wrong.code()).isEqualTo(1);
        assertThat(wrong.err().strip().lines()).hasSize(1);
        assertThat(wrong.err()).contains("model.safetensors: expected a ResNet of bottleneck blocks [3, 4, 6, 3]");

        Run unsaid = Run.of(new RetrieveImages(), "--text-model=" + text, "--model=" + images);
        assertThat(unsaid.code()).isEqualTo(1);
        assertThat(unsaid.err().strip()).endsWith("config.json: no such file, expected that of a pre-trained network");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        --epochs 0          | --epochs must be at least 1, but is 0
        --batch 1           | --batch must be at least 2, since a single pair has no negatives, but is 1
        --part 0            | --part must be at least 1, but is 0
        --embed 0           | --embed must be at least 1, but is 0
        --temperature 0     | --temperature must be positive, but is 0.0
        --rate -1           | --rate must be positive, but is -1.0
        --limit 1           | --limit must be at least 2, but is 1
        --image-size 8      | --image-size must be at least 32, but is 8
        --save a            | --save needs --adapt images,texts, since a head without an adapter has no file, but --adapt is [images]
        --arch resnet18     | --arch needs --model
        --method head --save a | --save needs --method sherl
        """)
    void refusesOptions(String arguments, String message) {
        Run run = Run.of(new RetrieveImages(), arguments.split(" "));

        assertThat(run.err().strip()).isEqualTo(message);
        assertThat(run.code()).isEqualTo(2);
    }
}
