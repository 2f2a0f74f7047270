package io.github.sherl4j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.ObjectMapper;

class AdaptTextTest {
    private static final int HEAD_PARAMETERS = 2 * TinyBert.WIDTH + 2;

    @TempDir
    Path folder;

    private Path train;
    private Path test;
    private Path model;

    @BeforeEach
    void write() throws IOException {
        model = TinyBert.write(folder.resolve("tiny-bert"));
        train = Files.write(folder.resolve("train.csv"), rows(16));
        test = Files.write(folder.resolve("test.csv"), rows(4));
    }

    @Test
    void comparesAllMethods() throws IOException {
        Path json = folder.resolve("results.json");

        Run run = adapt("--epochs", "4", "--batch", "8", "--rate", "0.02", "--json", json.toString());

        assertThat(run.err()).contains("head", "sherl", "full", "loss", "rate");
        assertThat(run.code()).isZero();
        assertThat(run.out())
                .contains("Task train.csv: 32 training texts, 8 test texts, labels [ham, spam]")
                .contains("predicts the same for all 8 test texts")
                .contains("really spam: won a free prize");
        JsonNode all = new ObjectMapper().readTree(json.toFile());
        assertThat(all.path("task").asText()).isEqualTo("train.csv");
        assertThat(all.path("model").asText()).isEqualTo(model.toString());
        assertThat(all.path("seed").asInt()).isEqualTo(42);
        JsonNode results = all.path("results");
        assertThat(results.findValuesAsText("method")).containsExactly("head", "sherl", "full");
        for (JsonNode result : results) {
            assertThat(result.path("epochs").asInt()).isEqualTo(4);
            assertThat(result.path("seconds_per_step").asDouble()).isPositive();
            assertThat(result.path("peak_mb").asDouble()).isPositive();
            assertThat(result.has("rss_peak_mb")).isTrue();
            assertThat(result.path("f1").asDouble()).isBetween(0.0, 1.0);
        }
        assertThat(results.path(0).path("trainable").asLong()).isEqualTo(HEAD_PARAMETERS);
        assertThat(results.path(0).path("total").asLong()).isEqualTo(TinyBert.parameters() + HEAD_PARAMETERS);
        assertThat(results.path(1).path("trainable").asLong()).isGreaterThan(HEAD_PARAMETERS);
        assertThat(results.path(2).path("trainable").asLong())
                .isEqualTo(results.path(2).path("total").asLong())
                .isEqualTo(TinyBert.parameters() + HEAD_PARAMETERS);
        assertThat(results.path(2).path("accuracy").asDouble()).isEqualTo(1);
        assertThat(results.path(2).path("f1").asDouble()).isEqualTo(1);
        assertThat(folder.resolve("adapter/adapter.safetensors")).isRegularFile();
    }

    @Test
    void runsOneMethodOnFewerTexts() {
        Run run = adapt("--method", "head", "--limit", "6", "--epochs", "1");

        assertThat(run.code()).isZero();
        assertThat(run.out()).contains("6 training texts", "head").doesNotContain("sherl", "full", "adapter");
        assertThat(folder.resolve("adapter")).doesNotExist();
    }

    @Test
    void stopsEarlyOnHeldBackTexts() {
        Run run = adapt(
                "--method=head",
                "--validation-share=0.25",
                "--patience=1",
                "--epochs=50",
                "--rate=1e-30",
                "--schedule=constant");

        assertThat(run.code()).isZero();
        assertThat(run.out()).containsPattern("head .* 2 ");
    }

    @Test
    void readsPairs() throws IOException {
        train = Files.writeString(folder.resolve("train.tsv"), "q\ta\tok\ncat\tdog\tno\ncat\tcat\tyes\n");
        test = Files.writeString(folder.resolve("test.tsv"), "q\ta\tok\ndog\tdog\tyes\n");

        Run run = adapt("--method=full", "--epochs=1", "--text-column=q", "--pair-column=a", "--label-column=ok");

        assertThat(run.code()).isZero();
        assertThat(run.out()).contains("labels [no, yes]");
    }

    @Test
    void helps() {
        Run run = Run.of(new AdaptText(), "--help");

        assertThat(run.code()).isZero();
        assertThat(run.out()).contains("--late-layers", "0.001 for sherl", "96 for spam", "cosine, constant");
    }

    private Run adapt(String... more) {
        List<String> arguments = new ArrayList<>(List.of(
                "--train",
                train.toString(),
                "--test",
                test.toString(),
                "--model",
                model.toString(),
                "--max-length=16"));
        boolean sherl = !List.of(more).toString().contains("--method");
        if (sherl) {
            arguments.addAll(List.of("--save", folder.resolve("adapter").toString()));
        }
        arguments.addAll(List.of(more));
        return Run.of(new AdaptText(), arguments.toArray(String[]::new));
    }

    /** A header, then so many times one text of each label. */
    private static List<String> rows(int times) {
        List<String> rows = new ArrayList<>();
        rows.add("text,label");
        for (int i = 0; i < times; i++) {
            rows.add("won a free prize" + " now".repeat(i % 3) + ",spam");
            rows.add("meeting at noon" + " friend".repeat(i % 3) + ",ham");
        }
        return rows;
    }
}
