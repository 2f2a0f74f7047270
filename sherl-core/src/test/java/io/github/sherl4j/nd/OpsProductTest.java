package io.github.sherl4j.nd;

import static io.github.sherl4j.TestArrays.numbers;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.sherl4j.TestArrays;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Matrix products against loops. */
class OpsProductTest {
    static Stream<Object[]> settings() {
        return Stream.of(DataType.FLOAT, DataType.DOUBLE)
                .flatMap(type -> Stream.of(new int[][] {
                            {1, 1, 1}, {2, 3, 4}, {5, 1, 2}, {1, 7, 1}, {3, 4, 1}, {1, 2, 6}, {33, 65, 17}
                        })
                        .map(sizes -> new Object[] {type, sizes}));
    }

    @ParameterizedTest
    @MethodSource("settings")
    void transposesScalesAndAdds(DataType type, int[] sizes) {
        int rows = sizes[0];
        int inner = sizes[1];
        int columns = sizes[2];
        try (Memory memory = new Memory(type)) {
            for (int flags = 0; flags < 4; flags++) {
                boolean tx = (flags & 1) != 0;
                boolean ty = (flags & 2) != 0;
                INDArray x = tx ? TestArrays.normal(type, 1, inner, rows) : TestArrays.normal(type, 1, rows, inner);
                INDArray y =
                        ty ? TestArrays.normal(type, 2, columns, inner) : TestArrays.normal(type, 2, inner, columns);
                double[] xNumbers = numbers(x);
                double[] product = SlowMath.product(xNumbers, numbers(y), rows, inner, columns, tx, ty);
                INDArray result = TestArrays.blank(type, rows, columns);

                memory.ops().product(x, y, result, tx, ty, 1, 0);
                assertClose(type, numbers(result), product);
                memory.ops().product(x, y, result, tx, ty, -0.5, 1);
                assertClose(type, numbers(result), TestArrays.each(product, p -> p / 2));
                TestArrays.fill(result, Double.NaN);
                memory.ops().product(x, y, result, tx, ty, 3, 0);
                assertClose(type, numbers(result), TestArrays.each(product, p -> 3 * p));
                assertThat(numbers(x)).isEqualTo(xNumbers);
            }
        }
    }

    /** As attention needs it: [batch, tokens, heads * size] seen as [batch, heads, tokens, size]. */
    @ParameterizedTest
    @EnumSource(
            value = DataType.class,
            names = {"FLOAT", "DOUBLE"})
    void multipliesHeadViewsWithoutCopies(DataType type) {
        for (int[] sizes : new int[][] {{2, 3, 2, 4}, {1, 1, 1, 1}, {1, 1, 3, 2}, {2, 5, 1, 3}, {3, 2, 4, 1}}) {
            int batch = sizes[0];
            int tokens = sizes[1];
            int heads = sizes[2];
            int size = sizes[3];
            int width = heads * size;
            try (Memory memory = new Memory(type)) {
                INDArray q = TestArrays.normal(type, 1, batch, tokens, width);
                INDArray k = TestArrays.normal(type, 2, batch, tokens, width);
                INDArray scores = TestArrays.blank(type, batch, heads, tokens, tokens);
                INDArray mixed = TestArrays.blank(type, batch, tokens, width);
                INDArray transposed = TestArrays.normal(type, 3, batch, tokens, width);
                double[] before = numbers(transposed);

                memory.ops().product(heads(memory, q, heads), heads(memory, k, heads), scores, false, true, 0.5, 0);
                memory.ops().product(scores, heads(memory, k, heads), heads(memory, mixed, heads));
                memory.ops()
                        .product(scores, heads(memory, q, heads), heads(memory, transposed, heads), true, false, 1, 1);

                double[] expectedScores = new double[batch * heads * tokens * tokens];
                double[] expectedMixed = new double[batch * tokens * width];
                double[] expectedTransposed = before.clone();
                for (int b = 0; b < batch; b++) {
                    for (int h = 0; h < heads; h++) {
                        double[] qHead = head(numbers(q), b, h, tokens, width, size);
                        double[] kHead = head(numbers(k), b, h, tokens, width, size);
                        double[] s = SlowMath.product(qHead, kHead, tokens, size, tokens, false, true);
                        s = TestArrays.each(s, x -> x / 2);
                        System.arraycopy(s, 0, expectedScores, (b * heads + h) * tokens * tokens, s.length);
                        double[] m = SlowMath.product(s, kHead, tokens, tokens, size, false, false);
                        addHead(expectedMixed, m, b, h, tokens, width, size);
                        double[] t = SlowMath.product(s, qHead, tokens, tokens, size, true, false);
                        addHead(expectedTransposed, t, b, h, tokens, width, size);
                    }
                }
                assertClose(type, numbers(scores), expectedScores);
                assertClose(type, numbers(mixed), expectedMixed);
                assertClose(type, numbers(transposed), expectedTransposed);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = DataType.class,
            names = {"FLOAT", "DOUBLE"})
    void multipliesABatchWhoseFirstTwoDimensionsAreSwapped(DataType type) {
        try (Memory memory = new Memory(type)) {
            INDArray states = TestArrays.normal(type, 1, 3, 5, 4); // [layers, positions, width]
            INDArray byPosition = memory.swapFirstTwo(states); // [positions, layers, width]
            INDArray gram = TestArrays.blank(type, 5, 3, 3);

            memory.ops().product(byPosition, byPosition, gram, false, true, 1, 0);

            double[] numbers = numbers(byPosition);
            double[] expected = new double[45];
            for (int p = 0; p < 5; p++) {
                double[] own = Arrays.copyOfRange(numbers, p * 12, p * 12 + 12);
                System.arraycopy(SlowMath.product(own, own, 3, 4, 3, false, true), 0, expected, p * 9, 9);
            }
            assertClose(type, numbers(gram), expected);
        }
    }

    private static INDArray heads(Memory memory, INDArray array, int heads) {
        return memory.heads(array, array.size(0), array.size(1), heads);
    }

    private static double[] head(double[] all, int b, int h, int tokens, int width, int size) {
        double[] head = new double[tokens * size];
        for (int t = 0; t < tokens; t++) {
            System.arraycopy(all, (b * tokens + t) * width + h * size, head, t * size, size);
        }
        return head;
    }

    private static void addHead(double[] all, double[] head, int b, int h, int tokens, int width, int size) {
        for (int t = 0; t < tokens; t++) {
            for (int i = 0; i < size; i++) {
                all[(b * tokens + t) * width + h * size + i] += head[t * size + i];
            }
        }
    }

    private static void assertClose(DataType type, double[] found, double[] expected) {
        double scale = Arrays.stream(expected).map(Math::abs).max().orElseThrow();
        assertThat(TestArrays.difference(found, expected))
                .isLessThanOrEqualTo(scale * (type == DataType.DOUBLE ? 1e-13 : 3e-6));
    }
}
