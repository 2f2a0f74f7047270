package io.github.sherl4j.loss;

import static io.github.sherl4j.TestArrays.difference;
import static io.github.sherl4j.TestArrays.numbers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.sherl4j.CentralDifferences;
import io.github.sherl4j.TestArrays;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.layer.ParameterGroups;
import io.github.sherl4j.nd.Memory;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class TokenCrossEntropyTest {
    private static final DataType TYPE = DataType.DOUBLE;
    private static final int[] LABELS = {3, 0, 6, 3, 5};
    private static final double SCALE = 0.7;

    private final Memory memory = new Memory(TYPE);
    private final INDArray states = TestArrays.normal(TYPE, 1, LABELS.length, 4);
    private final Parameter table = Parameter.weight("table", TestArrays.normal(TYPE, 2, 7, 4));
    private final INDArray labels = Nd4j.createFromArray(LABELS);
    private final INDArray gradient = TestArrays.blank(TYPE, states.shape());

    @AfterEach
    void free() {
        memory.close();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 5, 100})
    void equalsASlowTranscriptionInBlocksOfAnySize(long block) {
        double expected = 0;
        double[] logits = new double[7];
        for (int n = 0; n < LABELS.length; n++) {
            double sum = 0;
            for (int c = 0; c < 7; c++) {
                logits[c] = 0;
                for (int i = 0; i < 4; i++) {
                    logits[c] += SCALE * states.getDouble(n, i) * table.value().getDouble(c, i);
                }
                sum += Math.exp(logits[c]);
            }
            expected += (Math.log(sum) - logits[LABELS[n]]) / LABELS.length;
        }
        assertThat(loss(1, block)).isCloseTo(expected, within(1e-13));
    }

    @Test
    void gradientsAreThoseOfCentralDifferencesInBlocksOfAnySize() {
        try (ParameterGroups groups = new ParameterGroups(List.of(table))) {
            for (long block : new long[] {2, 100}) {
                groups.zeroGradients();
                loss(0.5, block);
                double[] ofStates = TestArrays.each(numbers(gradient), x -> 2 * x);
                double[] ofTable = TestArrays.each(numbers(table.gradient()), x -> 2 * x);
                CentralDifferences.check(
                        "states", states, TestArrays.of(TYPE, ofStates, states.shape()), () -> loss(0, 100));
                CentralDifferences.check(
                        "table",
                        table.value(),
                        TestArrays.of(TYPE, ofTable, table.value().shape()),
                        () -> loss(0, 100));
            }
        }
    }

    @Test
    void isFiniteWhereALabelIsAllButImpossible() {
        states.muli(1000);
        double loss = loss(1, 2);
        assertThat(loss).isFinite().isGreaterThan(100);
        assertThat(difference(numbers(gradient), numbers(gradient))).isZero();
    }

    @Test
    void complainsAboutShapes() {
        INDArray few = Nd4j.createFromArray(1, 2);
        assertThatThrownBy(() -> TokenCrossEntropy.of(memory, states, table, few, 1, 1, gradient))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("labels must have shape [5], but has [2]");
    }

    private double loss(double weight, long block) {
        memory.reset();
        return TokenCrossEntropy.of(memory, states, table, labels, SCALE, weight, gradient, block);
    }
}
