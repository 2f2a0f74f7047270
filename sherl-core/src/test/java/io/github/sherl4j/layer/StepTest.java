package io.github.sherl4j.layer;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sherl4j.TestArrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class StepTest {
    private record Inner(@Nullable INDArray array, String name) implements Step {}

    private record Outer(INDArray own, List<Inner> steps, List<INDArray> arrays, Object other) implements Step {}

    @Test
    void countsEachArrayOfAStepAndOfTheStepsInItOnce() {
        INDArray floats = TestArrays.blank(DataType.FLOAT, 2, 3);
        INDArray doubles = TestArrays.blank(DataType.DOUBLE, 5);
        INDArray shared = TestArrays.blank(DataType.FLOAT, 7);
        record NoStep(INDArray array) {}

        Outer outer = new Outer(
                floats,
                List.of(new Inner(doubles, "a"), new Inner(shared, "b"), new Inner(null, "c")),
                List.of(shared, floats),
                new NoStep(TestArrays.blank(DataType.FLOAT, 100)));

        assertThat(outer.keptBytes()).isEqualTo(6 * 4 + 5 * 8 + 7 * 4);
        assertThat(new Inner(null, "empty").keptBytes()).isZero();
    }
}
