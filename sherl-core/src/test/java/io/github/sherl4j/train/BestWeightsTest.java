package io.github.sherl4j.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sherl4j.TestArrays;
import io.github.sherl4j.layer.Parameter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;

class BestWeightsTest {
    private final TinyModel model = new TinyModel(3, 0);
    private final Parameter buffer = Parameter.unregularized("running_mean", TestArrays.normal(DataType.FLOAT, 1, 2));

    @Test
    void bringsTheLastCopyBackAndLeavesNoFile() throws IOException {
        Set<Path> before = files();
        try (BestWeights best = new BestWeights(model.parameters().groups(), List.of(buffer))) {
            set(1);
            best.save();
            assertThat(files()).hasSize(before.size() + 1);
            set(2);
            TestArrays.set(buffer.value(), new double[] {5, 6});
            best.save();
            set(3);
            TestArrays.fill(buffer.value(), 7);
            assertThat(files()).hasSize(before.size() + 1);

            best.restore();

            assertThat(model.values()).containsExactly(2, 3, 4, 5);
            assertThat(TestArrays.numbers(buffer.value())).containsExactly(5, 6);
        }
        assertThat(files()).isEqualTo(before);
    }

    @Test
    void withoutACopyNothingChanges() {
        try (BestWeights best = new BestWeights(model.parameters().groups(), List.of())) {
            set(1);
            best.restore();

            assertThat(model.values()).containsExactly(1, 2, 3, 4);
        }
    }

    /** Temporary files of best weights. */
    static Set<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            return files.filter(file -> file.getFileName().toString().contains("sherl-best-"))
                    .collect(Collectors.toSet());
        }
    }

    private void set(double first) {
        for (int i = 0; i < 3; i++) {
            model.weight.value().putScalar(i, first + i);
        }
        model.bias.value().putScalar(0, first + 3);
    }
}
