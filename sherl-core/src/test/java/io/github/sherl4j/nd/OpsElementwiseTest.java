package io.github.sherl4j.nd;

import static io.github.sherl4j.TestArrays.each;
import static io.github.sherl4j.TestArrays.numbers;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.sherl4j.TestArrays;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Element-wise operations against loops. */
class OpsElementwiseTest {
    private interface Binary {
        void run(Ops ops, INDArray x, INDArray y, INDArray result);
    }

    private interface Unary {
        void run(Ops ops, INDArray x, INDArray result);
    }

    private record BinaryCase(String name, Binary run, DoubleBinaryOperator slow) {}

    private record UnaryCase(String name, Unary run, DoubleUnaryOperator slow, boolean positive) {
        double[] inputs(int length) {
            return each(TestArrays.normal(length, 3), x -> positive ? 0.1 + x * x : 1.5 * x);
        }
    }

    private static final List<BinaryCase> BINARY = List.of(
            new BinaryCase("add", Ops::add, (a, b) -> a + b),
            new BinaryCase("subtract", Ops::subtract, (a, b) -> a - b),
            new BinaryCase("multiply", Ops::multiply, (a, b) -> a * b),
            new BinaryCase("divide", Ops::divide, (a, b) -> a / b));

    private static final List<UnaryCase> UNARY = List.of(
            new UnaryCase("add", (ops, x, z) -> ops.add(x, 0.75, z), x -> x + 0.75, false),
            new UnaryCase("multiply", (ops, x, z) -> ops.multiply(x, -2.5, z), x -> x * -2.5, false),
            new UnaryCase("maximum", (ops, x, z) -> ops.maximum(x, 0.25, z), x -> Math.max(x, 0.25), false),
            new UnaryCase("minimum", (ops, x, z) -> ops.minimum(x, 0.25, z), x -> Math.min(x, 0.25), false),
            new UnaryCase("relu", Ops::relu, x -> Math.max(x, 0), false),
            new UnaryCase("exp", Ops::exp, Math::exp, false),
            new UnaryCase("log", Ops::log, Math::log, true),
            new UnaryCase("sigmoid", Ops::sigmoid, x -> 1 / (1 + Math.exp(-x)), false),
            new UnaryCase("scale", (ops, x, z) -> ops.scale(x, -2.5, z), x -> x * -2.5, false),
            new UnaryCase("erf", Ops::erf, SlowMath::erf, false),
            new UnaryCase("tanh", Ops::tanh, Math::tanh, false),
            new UnaryCase("sqrt", Ops::sqrt, Math::sqrt, true),
            new UnaryCase("inverseSqrt", Ops::inverseSqrt, x -> 1 / Math.sqrt(x), true),
            new UnaryCase("copy", Ops::copy, x -> x, false),
            new UnaryCase("zero", (ops, x, z) -> ops.zero(z), x -> 0, false));

    static Stream<Object[]> shapes() {
        return Stream.of(new long[][][] {
                    {{3, 4}, {3, 4}},
                    {{3, 4}, {4}},
                    {{3, 4}, {1, 4}},
                    {{3, 4}, {3, 1}},
                    {{3, 4}, {1}},
                    {{1, 1}, {1, 1}},
                    {{2, 3, 1}, {2, 1, 3}},
                    {{2, 3, 4}, {2, 3, 1}},
                    {{2, 2, 3, 3}, {2, 1, 1, 3}}
                })
                .flatMap(shapes -> Stream.of(DataType.FLOAT, DataType.DOUBLE)
                        .map(type -> new Object[] {type, shapes[0], shapes[1]}));
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void twoArraysBroadcast(DataType type, long[] xShape, long[] yShape) {
        long[] shape = broadcast(xShape, yShape);
        try (Memory memory = new Memory(type)) {
            INDArray x = TestArrays.normal(type, 1, xShape);
            INDArray y = TestArrays.normal(type, 2, yShape);
            double[] xNumbers = numbers(x);
            double[] yNumbers = numbers(y);
            for (BinaryCase operation : BINARY) {
                double[] expected = slow(operation.slow, x, y, shape);
                INDArray result = TestArrays.blank(type, shape);

                operation.run.run(memory.ops(), x, y, result);

                assertClose(operation.name, type, numbers(result), expected);
                assertThat(numbers(x)).isEqualTo(xNumbers);
                assertThat(numbers(y)).isEqualTo(yNumbers);
                if (Arrays.equals(xShape, shape)) {
                    INDArray inPlace = x.dup('c');
                    operation.run.run(memory.ops(), inPlace, y, inPlace);
                    assertThat(numbers(inPlace)).isEqualTo(numbers(result));
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = DataType.class,
            names = {"FLOAT", "DOUBLE"})
    void oneArrayIntoAnotherAndInPlace(DataType type) {
        try (Memory memory = new Memory(type)) {
            for (UnaryCase operation : UNARY) {
                for (long[] shape : new long[][] {{1}, {5}, {3, 7}, {2, 3, 4}}) {
                    INDArray x = TestArrays.blank(type, shape);
                    TestArrays.set(x, operation.inputs((int) x.length()));
                    double[] before = numbers(x);
                    INDArray result = TestArrays.blank(type, shape);

                    operation.run.run(memory.ops(), x, result);

                    assertClose(operation.name, type, numbers(result), each(before, operation.slow));
                    assertThat(numbers(x)).isEqualTo(before);
                    operation.run.run(memory.ops(), x, x);
                    assertThat(numbers(x)).isEqualTo(numbers(result));
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = DataType.class,
            names = {"FLOAT", "DOUBLE"})
    void stridedViewsAreReadAndWritten(DataType type) {
        try (Memory memory = new Memory(type)) {
            INDArray base = TestArrays.normal(type, 1, 2, 3, 4);
            INDArray swapped = memory.swapFirstTwo(base); // [3, 2, 4]
            INDArray other = TestArrays.normal(type, 2, 3, 2, 4);
            INDArray target = TestArrays.blank(type, 2, 3, 4);
            INDArray swappedTarget = memory.swapFirstTwo(target);
            for (BinaryCase operation : BINARY) {
                double[] expected = slow(operation.slow, swapped, other, swapped.shape());
                operation.run.run(memory.ops(), swapped, other, swappedTarget);
                assertClose(operation.name, type, numbers(swappedTarget), expected);
                assertThat(target.getDouble(1, 0, 0)).isEqualTo(swappedTarget.getDouble(0, 1, 0));
            }
            memory.ops().copy(swapped, other);
            assertThat(numbers(other)).isEqualTo(numbers(swapped));
            memory.ops().multiply(swapped, 2, swapped);
            assertThat(numbers(swapped)).isEqualTo(each(numbers(other), x -> 2 * x));
            memory.ops().zero(swapped);
            assertThat(numbers(base)).containsOnly(0);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = DataType.class,
            names = {"FLOAT", "DOUBLE"})
    void addsARowToEveryRow(DataType type) {
        try (Memory memory = new Memory(type)) {
            for (long[] shape : new long[][] {{1, 1}, {3, 4}, {1, 5}, {2, 3, 4}}) {
                INDArray x = TestArrays.normal(type, 1, shape);
                INDArray row = TestArrays.normal(type, 2, shape[shape.length - 1]);
                double[] expected = slow((a, b) -> a + b, x, row, shape);
                memory.ops().addRow(x, row, x);
                assertClose("addRow", type, numbers(x), expected);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = DataType.class,
            names = {"FLOAT", "DOUBLE"})
    void theGradientOfReluPassesWhereItsArgumentIsPositive(DataType type) {
        try (Memory memory = new Memory(type)) {
            INDArray x = TestArrays.of(type, new double[] {-1, 0, -0.0, 1e-20, 2, 5}, 6);
            INDArray gradient = TestArrays.of(type, new double[] {1, 2, 3, 4, 5, -6}, 6);
            memory.ops().reluGradient(x, gradient, gradient);
            assertThat(numbers(gradient)).containsExactly(0, 0, 0, 4, 5, -6);
        }
    }

    private static double[] slow(DoubleBinaryOperator operation, INDArray x, INDArray y, long[] shape) {
        double[] results = new double[(int) LongStream.of(shape).reduce(1, (a, b) -> a * b)];
        for (int i = 0; i < results.length; i++) {
            results[i] = operation.applyAsDouble(at(x, i, shape), at(y, i, shape));
        }
        return results;
    }

    /** The number that broadcasting puts at an index of a shape. */
    private static double at(INDArray array, int index, long[] shape) {
        long[] place = new long[array.rank()];
        long rest = index;
        for (int i = 1; i <= shape.length; i++) {
            long coordinate = rest % shape[shape.length - i];
            rest /= shape[shape.length - i];
            if (i <= place.length) {
                place[place.length - i] = Math.min(coordinate, array.size(place.length - i) - 1);
            }
        }
        return array.getDouble(place);
    }

    private static long[] broadcast(long[] x, long[] y) {
        long[] shape = x.clone();
        for (int i = 1; i <= y.length; i++) {
            shape[x.length - i] = Math.max(shape[x.length - i], y[y.length - i]);
        }
        return shape;
    }

    private static void assertClose(String name, DataType type, double[] found, double[] expected) {
        double scale = 0;
        for (double number : expected) {
            scale = Math.max(scale, Math.abs(number));
        }
        assertThat(TestArrays.difference(found, expected))
                .as("%s in %s", name, type)
                .isLessThanOrEqualTo(scale * (type == DataType.DOUBLE ? 1e-14 : 1e-6));
    }
}
