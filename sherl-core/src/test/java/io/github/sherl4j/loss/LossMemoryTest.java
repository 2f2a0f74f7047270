package io.github.sherl4j.loss;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sherl4j.NativeBytes;
import io.github.sherl4j.TestArrays;
import io.github.sherl4j.nd.Memory;
import java.util.function.DoubleConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A loss of a warm step makes no native objects, whatever the weight of the step is. */
class LossMemoryTest {
    private static final Memory MEMORY = new Memory(DataType.FLOAT);
    private static final INDArray X = TestArrays.normal(DataType.FLOAT, 1, 4, 3);
    private static final INDArray Y = TestArrays.normal(DataType.FLOAT, 2, 4, 3);
    private static final INDArray THREE = TestArrays.of(DataType.FLOAT, new double[] {1, 2, 3}, 3);
    private static final INDArray ONE = TestArrays.of(DataType.FLOAT, new double[] {1}, 1);

    static Stream<Arguments> losses() {
        CrossEntropy.Options options =
                CrossEntropy.Options.defaults().withLabelSmoothing(0.1).withClassWeights(THREE);
        return Stream.of(
                loss("cross-entropy", weight -> CrossEntropy.of(MEMORY, X, Y, weight)),
                loss("cross-entropy with options", weight -> CrossEntropy.of(MEMORY, X, Y, options, weight)),
                loss(
                        "binary cross-entropy",
                        weight -> BinaryCrossEntropy.of(MEMORY, X, Y, BinaryCrossEntropy.Classes.SUM, weight)),
                loss("mean squared error", weight -> MeanSquaredError.of(MEMORY, X, Y, weight)),
                loss("triplet", weight -> TripletLoss.of(MEMORY, X, Y, TripletLoss.Options.defaults(), weight)),
                loss("contrastive", weight -> ContrastiveLoss.of(MEMORY, X, Y, weight, weight)),
                loss("contrastive with a scale", weight -> ContrastiveLoss.of(MEMORY, X, Y, ONE, weight)));
    }

    private static Arguments loss(String name, DoubleConsumer loss) {
        return Arguments.of(name, loss);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("losses")
    void aNewWeightMakesNoNativeObject(String name, DoubleConsumer loss) {
        for (double weight : new double[] {0.5, 0.25}) { // the arenas learn in the first and are warm after the second
            MEMORY.reset();
            loss.accept(weight);
        }
        long bytes = MEMORY.bytes();
        for (int step = 1; step <= 20; step++) {
            double weight = 1.0 / (step + 2);
            MEMORY.reset();
            assertThat(NativeBytes.created(() -> loss.accept(weight))).isZero();
        }
        assertThat(MEMORY.bytes()).isEqualTo(bytes);
    }
}
