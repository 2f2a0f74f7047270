package io.github.sherl4j.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sherl4j.TestArrays;
import io.github.sherl4j.nd.Memory;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class EmbeddingTest {
    private final Memory memory = new Memory(DataType.FLOAT);
    private final Parameter table =
            Parameter.weight("table", TestArrays.of(DataType.FLOAT, new double[] {1, 2, 3, 4, 5, 6}, 3, 2));
    private final Embedding embedding = new Embedding(table);
    private final INDArray indices = Nd4j.createFromArray(2, 0, 2, 2);

    @AfterEach
    void free() {
        memory.close();
    }

    @Test
    void looksUpRows() {
        INDArray result = TestArrays.blank(DataType.FLOAT, 4, 2);

        embedding.infer(memory, indices, result);

        assertThat(TestArrays.numbers(result)).containsExactly(5, 6, 1, 2, 5, 6, 5, 6);
        assertThat(embedding.entries()).isEqualTo(3);
        assertThat(embedding.width()).isEqualTo(2);
        assertThat(embedding.table()).isSameAs(table);
    }

    @Test
    void addsTheGradientsOfRepeatedIndices() {
        INDArray gradient = TestArrays.of(DataType.FLOAT, new double[] {1, 10, 2, 20, 3, 30, 4, 40}, 4, 2);
        embedding.addGradients(memory, indices, gradient);
        assertThat(table.trainable()).isFalse();

        try (ParameterGroups groups = new ParameterGroups(List.of(table))) {
            embedding.addGradients(memory, indices, gradient);
            assertThat(TestArrays.numbers(table.gradient())).containsExactly(2, 20, 0, 0, 8, 80);
            embedding.addGradients(memory, indices, gradient);
            assertThat(TestArrays.numbers(table.gradient())).containsExactly(4, 40, 0, 0, 16, 160);
            groups.zeroGradients();
            assertThat(TestArrays.numbers(table.gradient())).containsOnly(0);
        }
    }

    @Test
    void refusesOtherShapes() {
        Parameter row = Parameter.weight("row", TestArrays.blank(DataType.FLOAT, 3));

        assertThatThrownBy(() -> new Embedding(row))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("row must have shape [*, *], but has [3]");
    }
}
