package io.github.sherl4j.nd;

import static io.github.sherl4j.TestArrays.numbers;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.sherl4j.NativeBytes;
import io.github.sherl4j.TestArrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class ColumnsTest {
    private final Memory memory = new Memory(DataType.DOUBLE);

    @AfterEach
    void free() {
        memory.close();
    }

    /** One block, several whole ones, a ragged last one, and rows longer than a block. */
    @ParameterizedTest
    @CsvSource({"1, 1", "5, 3", "4, 32768", "5, 30000", "2, 65537", "65537, 1"})
    void agreesWithPlainLoops(int rows, int width) {
        INDArray x = TestArrays.normal(DataType.DOUBLE, 1, rows, width);
        INDArray y = TestArrays.normal(DataType.DOUBLE, 2, rows, width);
        INDArray row = TestArrays.normal(DataType.DOUBLE, 3, width);
        INDArray columns = TestArrays.normal(DataType.DOUBLE, 4, width, 1);
        INDArray rowSums = TestArrays.blank(DataType.DOUBLE, rows, 1);
        double[] a = numbers(x);
        double[] b = numbers(y);
        double[] dots = TestArrays.each(numbers(columns), c -> 0.5 * c);
        double[] squares = new double[width];
        double[] rowSquares = new double[rows];
        double[] sum = a.clone();
        for (int n = 0; n < rows; n++) {
            for (int i = 0; i < width; i++) {
                int at = n * width + i;
                dots[i] += 2 * a[at] * b[at];
                squares[i] += a[at] * a[at];
                rowSquares[n] += a[at] * a[at];
                sum[at] += b[at] * row.getDouble(i);
            }
        }

        Columns.dots(memory, x, y, 2, columns, 0.5);
        assertThat(TestArrays.difference(numbers(columns), dots)).isLessThan(1e-9);
        TestArrays.fill(columns, Double.NaN);
        Columns.squares(memory, x, rowSums, columns);
        assertThat(TestArrays.difference(numbers(columns), squares)).isLessThan(1e-9);
        assertThat(TestArrays.difference(numbers(rowSums), rowSquares)).isLessThan(1e-9);
        Columns.addScaled(memory, x, y, row);
        assertThat(TestArrays.difference(numbers(x), sum)).isLessThan(1e-14);
        assertThat(numbers(y)).isEqualTo(b);
    }

    @Test
    void needsOneBlockAndNothingNativeOnceWarm() {
        INDArray x = TestArrays.normal(DataType.DOUBLE, 1, 40, 10000);
        INDArray columns = TestArrays.blank(DataType.DOUBLE, 10000, 1);
        Runnable work = () -> {
            memory.reset();
            Columns.dots(memory, x, x, 1, columns, 0);
            Columns.addScaled(memory, x, x, memory.reshape(columns, 10000));
        };
        work.run();
        work.run();
        assertThat(memory.bytes()).isEqualTo(60000 * Double.BYTES);
        assertThat(NativeBytes.created(work)).isZero();
    }

    @Test
    void theDiagonalIsAView() {
        INDArray x = TestArrays.of(DataType.DOUBLE, new double[] {1, 2, 3, 4, 5, 6, 7, 8, 9}, 3, 3);
        INDArray copy = TestArrays.blank(DataType.DOUBLE, 3);

        memory.ops().copy(memory.diagonal(x), copy);
        memory.ops().zero(memory.diagonal(x));

        assertThat(numbers(copy)).containsExactly(1, 5, 9);
        assertThat(numbers(x)).containsExactly(0, 2, 3, 4, 0, 6, 7, 8, 0);
    }
}
