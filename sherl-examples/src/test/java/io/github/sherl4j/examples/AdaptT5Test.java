package io.github.sherl4j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sherl4j.backbone.t5.T5Backbone;
import io.github.sherl4j.route.SherlSequenceModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.ObjectMapper;

class AdaptT5Test {
    @TempDir
    private Path folder;

    @Test
    void adaptsAFolderOfAT5ToOwnTexts() throws IOException {
        Path model = SmallT5.writeRandom(folder.resolve("t5"), 1);
        Path train = write("train.csv", "source,target\n", "abc,a\n", "bcd,b\n", "hgf,h\n");
        Path test = write("test.csv", "source,target\n", "abc,a\n", "ccc,c\n");
        Path json = folder.resolve("results.json");
        Path saved = folder.resolve("saved");

        Run run = Run.of(
                new AdaptT5(),
                "--model",
                model.toString(),
                "--train",
                train.toString(),
                "--test",
                test.toString(),
                "--prompt",
                "first ",
                "--epochs",
                "2",
                "--batch",
                "2",
                "--max-source",
                "16",
                "--max-target",
                "8",
                "--json",
                json.toString(),
                "--save",
                saved.toString());

        assertThat(run.err()).doesNotContain("rror");
        assertThat(run.code()).isZero();
        assertThat(run.out())
                .contains("Task train.csv: 3 training texts, 2 test texts; network " + model)
                .contains("sherl: \"first abc\" -> \"")
                .containsPattern("(?m)^head +[01]\\.\\d{4} +960 ")
                .containsPattern("(?m)^sherl +[01]\\.\\d{4} ")
                .containsPattern("(?m)^full +[01]\\.\\d{4} ");
        JsonNode results = new ObjectMapper().readTree(json.toFile());
        assertThat(results.path("task").asText()).isEqualTo("train.csv");
        assertThat(results.path("results")).hasSize(3);
        assertThat(results.path("results").get(1).path("peak_mb").asDouble()).isPositive();
        try (T5Backbone t5 = T5Backbone.load(model);
                SherlSequenceModel loaded = SherlSequenceModel.load(t5, saved)) {
            assertThat(loaded.options().maxTargetTokens()).isEqualTo(8);
            assertThat(loaded.predict(List.of("first abc"))).hasSize(1);
        }
    }

    @Test
    void readsSst2WithT5sPrompt() throws IOException {
        Path model = SmallT5.writeRandom(folder.resolve("t5"), 1);
        write("train.tsv", "sentence\tlabel\n", "a bad cab\t0\n", "a fed face\t1\n");
        write("dev.tsv", "sentence\tlabel\n", "a bad face\t0\n");

        Run run = Run.of(
                new AdaptT5(),
                "--model",
                model.toString(),
                "--task",
                "sst2",
                "--data",
                folder.toString(),
                "--method",
                "sherl",
                "--max-source",
                "30",
                "--max-target",
                "24",
                "--epochs",
                "1");

        assertThat(run.err()).doesNotContain("rror");
        assertThat(run.code()).isZero();
        assertThat(run.out())
                .contains("Task sst2: 2 training texts, 1 test texts")
                .contains("sherl: \"sst2 sentence: a bad face\" -> \"");
    }

    @Test
    void withoutAModelASmallNetworkLearnsFirst() {
        Run run =
                Run.of(new AdaptT5(), "--pretrain", "128", "--limit", "64", "--epochs", "1", "--method", "head,sherl");

        assertThat(run.code()).isZero();
        assertThat(run.out())
                .containsPattern("Pre-training: \\d+\\.\\d% of other words right")
                .contains("Task letters: 64 training texts, 400 test texts; network small");
    }

    @Test
    void refusesWhatDoesNotFitTogether() throws IOException {
        Path train = write("train.csv", "source,target\n", "abc,aaaaaaaaaaaaaaaaaaaa\n");
        fails("--task sst2 and --train need --model", "--task", "sst2");
        fails("--model needs --task sst2, or --train and --test", "--model", "x");
        fails("--task sst2 needs --data", "--model", "x", "--task", "sst2");
        fails("--train and --test must be given together", "--model", "x", "--train", "y");
        fails("--prompt needs --train and --test", "--prompt", "x");
        fails("--epochs must be at least 1, but is 0", "--epochs", "0");
        fails("--pretrain needs no --model", "--model", "x", "--task", "sst2", "--data", "y", "--pretrain", "3");
        fails("--reduction must be positive, but is 0.0", "--reduction", "0");

        Path model = SmallT5.writeRandom(folder.resolve("t5"), 1);
        Run run = Run.of(
                new AdaptT5(),
                "--model",
                model.toString(),
                "--train",
                train.toString(),
                "--test",
                train.toString(),
                "--max-source",
                "16",
                "--max-target",
                "8");
        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err()).contains("examples[0] has a target of 22 tokens, but at most 8 are allowed");
    }

    private static void fails(String message, String... arguments) {
        Run run = Run.of(new AdaptT5(), arguments);
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains(message);
    }

    private Path write(String name, String... lines) throws IOException {
        return Files.writeString(folder.resolve(name), String.join("", lines));
    }
}
