package io.github.sherl4j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.ObjectMapper;

class AdaptGraphTest {
    private static final int SIDE = 12;

    @TempDir
    Path folder;

    /** Pictures in each of which a row as far down as its class says is bright. */
    private static void writeData(Path folder, String part, int count, int side) throws IOException {
        Random random = new Random(count);
        ByteArrayOutputStream pictures = new ByteArrayOutputStream();
        ByteArrayOutputStream labels = new ByteArrayOutputStream();
        try (DataOutputStream pictureData = new DataOutputStream(pictures);
                DataOutputStream labelData = new DataOutputStream(labels)) {
            for (int number : new int[] {0x0803, count, side, side}) {
                pictureData.writeInt(number);
            }
            labelData.writeInt(0x0801);
            labelData.writeInt(count);
            for (int i = 0; i < count; i++) {
                labelData.writeByte(i % 10);
                for (int pixel = 0; pixel < side * side; pixel++) {
                    pictureData.writeByte(pixel / side == i % 10 ? 255 : random.nextInt(100));
                }
            }
        }
        Files.write(folder.resolve(part + "-images-idx3-ubyte"), pictures.toByteArray());
        Files.write(folder.resolve(part + "-labels-idx1-ubyte"), labels.toByteArray());
    }

    private Path data() throws IOException {
        writeData(folder, "train", 60, SIDE);
        writeData(folder, "t10k", 20, SIDE);
        return folder;
    }

    @Test
    void comparesAllMethodsAndExportsSherls() throws IOException {
        Path json = folder.resolve("results.json");
        Path graph = folder.resolve("graph.zip");

        Run run = Run.of(
                new AdaptGraph(),
                "--data=" + data(),
                "--pretrain-pictures=20",
                "--pretrain-epochs=1",
                "--pictures=20",
                "--epochs=1",
                "--batch=8",
                "--json=" + json,
                "--export=" + graph);

        assertThat(run.err()).contains("pretraining", "head", "sherl", "frozen", "full");
        assertThat(run.code()).isZero();
        assertThat(run.out()).contains("of the test pictures of the classes it was made on", "peak MB");
        JsonNode results = new ObjectMapper().readTree(json.toFile()).path("results");
        assertThat(results.findValuesAsText("method")).containsExactly("head", "sherl", "frozen", "full");
        double sherl = results.path(1).path("peak_mb").asDouble();
        assertThat(sherl)
                .isPositive()
                .isLessThan(0.4 * results.path(3).path("peak_mb").asDouble());
        assertThat(sherl).isLessThan(results.path(2).path("peak_mb").asDouble());
        assertThat(results.path(0).path("trainable").asLong()).isEqualTo(128 * 5 + 5);
        assertThat(results.path(2).path("trainable").asLong())
                .isBetween(
                        results.path(1).path("trainable").asLong(),
                        results.path(3).path("trainable").asLong() - 1);
        String accuracy = "%.4f".formatted(results.path(1).path("accuracy").asDouble());
        assertThat(run.out()).contains("read by Deeplearning4j alone, finds " + accuracy);
        assertThat(ComputationGraph.load(graph.toFile(), true).getNumInputArrays())
                .isEqualTo(1);
    }

    @Test
    void noMethodChangesTheNetworkThatAllOfThemStartFrom() throws IOException {
        PrintWriter err = new PrintWriter(new StringWriter());
        FashionData fashion = FashionData.read(data());
        ComputationGraph network =
                GraphExperiment.pretrained(fashion.side(), fashion.training(FashionData.Half.OLD, 16, 8, 0), 1, 0, err);
        ComputationGraph again =
                GraphExperiment.pretrained(fashion.side(), fashion.training(FashionData.Half.OLD, 16, 8, 0), 1, 0, err);
        assertThat(again.params()).isEqualTo(network.params());
        GraphExperiment experiment = new GraphExperiment(
                network,
                fashion.training(FashionData.Half.NEW, 8, 8, 1),
                fashion.testing(FashionData.Half.NEW, 10, 8, 1),
                1,
                1,
                err);
        for (GraphMethod method : GraphMethod.values()) {
            experiment.run(method, 0.01, null);
            assertThat(network.params()).as(method.toString()).isEqualTo(again.params());
        }
    }

    @Test
    void saysWhatIsWrongWithTheFiles() throws IOException {
        Run missing = Run.of(new AdaptGraph(), "--data=" + folder);
        assertThat(missing.code()).isEqualTo(1);
        assertThat(missing.err().strip())
                .isEqualTo(folder
                        + ": expected the file train-images-idx3-ubyte, plain or as .gz; see --help on where"
                        + " to get it");

        writeData(folder, "train", 60, SIDE);
        writeData(folder, "t10k", 20, SIDE + 1);
        Run unequal = Run.of(new AdaptGraph(), "--data=" + folder);
        assertThat(unequal.code()).isEqualTo(1);
        assertThat(unequal.err().strip())
                .isEqualTo(folder + ": expected square pictures of one size, but found 12 x 12 and 13 x 13");

        writeData(folder, "train", 4, SIDE);
        writeData(folder, "t10k", 4, SIDE);
        Run few = Run.of(
                new AdaptGraph(), "--data=" + folder, "--pretrain-pictures=4", "--pretrain-epochs=1", "--batch=4");
        assertThat(few.code()).isEqualTo(1);
        assertThat(few.err()).contains("There are no pictures of the classes 5 to 9");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        --data no-folder                | --data must be a folder, but is no-folder
        --pretrain-pictures 0           | --pretrain-pictures must be at least 1, but is 0
        --pretrain-epochs 0             | --pretrain-epochs must be at least 1, but is 0
        --pictures 0                    | --pictures must be at least 1, but is 0
        --test-pictures 0               | --test-pictures must be at least 1, but is 0
        --epochs 0                      | --epochs must be at least 1, but is 0
        --batch 1                       | --batch must be at least 2, since batch norms need several, but is 1
        --rate 0                        | --rate must be positive, but is 0.0
        --export x.zip --method head    | --export needs --method sherl
        --json no-folder/results.json   | --json must be a file in a folder that exists, but is no-folder/results.json
        """)
    void refusesOptions(String arguments, String message) {
        String given = arguments.contains("--data") ? arguments : arguments + " --data " + folder;
        Run run = Run.of(new AdaptGraph(), given.split(" ", -1));

        assertThat(run.err().strip()).isEqualTo(message);
        assertThat(run.code()).isEqualTo(2);
    }
}
