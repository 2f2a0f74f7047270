package io.github.sherl4j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whatever is wrong is one sentence on standard error, and nothing is printed on standard output. */
class AdaptTextErrorsTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        --method lora                              | Invalid value for option '--method'
        --epoch 3                                  | Unknown option
        --epochs three                             | Invalid value for option '--epochs'
        --epochs 0                                 | --epochs must be at least 1, but is 0
        --batch 0                                  | --batch must be at least 1, but is 0
        --accumulation 33                          | --accumulation must be from 1 to --batch, which is 32, but is 33
        --rate 0                                   | --rate must be positive, but is 0.0
        --rate NaN                                 | --rate must be positive, but is NaN
        --warmup 2                                 | --warmup must be from 0 to 1, but is 2.0
        --rate 0.01 --weight-decay 100             | --weight-decay must be from 0 to less than 1 / rate = 100.0, but is 100.0
        --validation-share 1                       | --validation-share must be 0 or more and less than 1, but is 1.0
        --patience 1                               | --patience needs --validation-share
        --patience -1                              | --patience must be 0 or more, but is -1
        --max-length 2                             | --max-length must be at least 3 tokens, but is 2
        --reduction 0                              | --reduction must be positive, but is 0.0
        --late-layers -1                           | --late-layers must be 0 or more, but is -1
        --method head --reduction 2                | --reduction needs --method sherl
        --method full --late-layers 2              | --late-layers needs --method sherl
        --method head --save x                     | --save needs --method sherl
        --limit 0                                  | --limit must be at least 1, but is 0
        --train a.csv                              | --train and --test must be given together
        --test a.csv                               | --train and --test must be given together
        --train a.csv --test b.csv --task trec     | --task and --train exclude each other
        --train a.csv --test b.csv --data x        | --data and --train exclude each other
        --task trec                                | --task trec needs --data
        --task spam --data x                       | --data needs --task trec or --task sst2
        --text-column q                            | --text-column needs --train and --test
        --label-column q                           | --label-column needs --train and --test
        --pair-column q                            | --pair-column needs --train and --test
        --json no-such-folder/results.json         | --json must be a file in a folder that exists, but is no-such-folder
        """)
    void refusesOptions(String arguments, String message) {
        requireSentence(2, message, arguments.split(" "));
    }

    @Test
    void refusesFileAsFolderOfAdapter() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "x");

        requireSentence(2, "--save must be a folder, but " + file + " is a file", "--save", file.toString());
    }

    @Test
    void namesMissingFile() {
        requireSentence(1, "none.csv: there is no such file", "--train", "none.csv", "--test", "none.csv");
    }

    @Test
    void namesMissingColumn() throws IOException {
        String file =
                Files.writeString(folder.resolve("a.csv"), "text,class\na,b\n").toString();

        requireSentence(1, file + ": there is no column \"label\"; its columns are", "--train", file, "--test", file);
    }

    @Test
    void namesFormatOfData() {
        requireSentence(1, "a.txt: expected a name that ends in .csv", "--train", "a.txt", "--test", "a.txt");
    }

    @Test
    void needsTwoLabels() throws IOException {
        String file =
                Files.writeString(folder.resolve("a.csv"), "text,label\na,b\n").toString();

        requireSentence(
                1, "The training data must have 2 or more labels, but has [b]", "--train", file, "--test", file);
    }

    @Test
    void needsKnownTestLabels() throws IOException {
        String train = Files.writeString(folder.resolve("a.csv"), "text,label\na,b\na,c\n")
                .toString();
        String test =
                Files.writeString(folder.resolve("b.csv"), "text,label\na,d\n").toString();

        requireSentence(
                1,
                "The test data has the label \"d\", but the training data has only [b, c]",
                "--train",
                train,
                "--test",
                test);
    }

    @Test
    void namesMissingModel() {
        requireSentence(1, "no-such-model", "--model", "no-such-model");
    }

    @Test
    void namesMalformedModel() throws IOException {
        Path model = TinyBert.write(folder.resolve("bert"));
        Files.writeString(model.resolve("config.json"), "{\"model_type\": \"t5\"}");

        requireSentence(1, "config.json has model_type \"t5\"", "--model", model.toString());
    }

    @ParameterizedTest
    @CsvSource({
        "--late-layers, 3, 'lateLayers must be from 0 to the network''s 2 layers, but is 3'",
        "--max-length, 40, '--max-length must be at most 32, the longest that'"
    })
    void asksNoMoreOfModelThanItHas(String option, String value, String message) throws IOException {
        Path model = TinyBert.write(folder.resolve("bert"));

        requireSentence(1, message, "--model", model.toString(), option, value);
    }

    @Test
    void tellsDivergence() throws IOException {
        Path model = TinyBert.write(folder.resolve("bert"));
        String data = Files.writeString(folder.resolve("a.csv"), "text,label\ncat,b\ndog,c\n")
                .toString();

        Run run = Run.of(
                new AdaptText(),
                "--method=full",
                "--train=" + data,
                "--test=" + data,
                "--model=" + model,
                "--max-length=8",
                "--rate=1e30",
                "--weight-decay=0",
                "--warmup=0",
                "--epochs=9");

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err()).contains("Training diverged in epoch").doesNotContain("\tat ");
    }

    private static void requireSentence(int code, String message, String... arguments) {
        Run run = Run.of(new AdaptText(), arguments);

        assertThat(run.err()).contains(message);
        assertThat(run.err().strip().lines()).hasSize(1);
        assertThat(run.code()).isEqualTo(code);
    }
}
