package io.github.sherl4j.layer;

import static io.github.sherl4j.TestArrays.numbers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sherl4j.CentralDifferences;
import io.github.sherl4j.TestArrays;
import io.github.sherl4j.nd.Memory;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class RelativePositionsTest {
    private static final DataType TYPE = DataType.DOUBLE;
    private static final int BUCKETS = 8;
    private static final int HEADS = 3;

    private final Memory memory = new Memory(TYPE);
    private final Parameter table = Parameter.weight("bias", TestArrays.normal(TYPE, 1, BUCKETS, HEADS));

    @AfterEach
    void free() {
        memory.close();
    }

    @Test
    void nearDistancesHaveABucketEachAndFarOnesShareThem() {
        assertThat(RelativePositions.bucket(0, false, 32, 128)).isZero();
        assertThat(RelativePositions.bucket(5, false, 32, 128)).isZero();
        assertThat(RelativePositions.bucket(-15, false, 32, 128)).isEqualTo(15);
        assertThat(RelativePositions.bucket(-16, false, 32, 128)).isEqualTo(16);
        assertThat(RelativePositions.bucket(-17, false, 32, 128)).isEqualTo(16);
        assertThat(RelativePositions.bucket(-1000, false, 32, 128)).isEqualTo(31);
        assertThat(RelativePositions.bucket(-7, true, 32, 128)).isEqualTo(7);
        assertThat(RelativePositions.bucket(7, true, 32, 128)).isEqualTo(23);
        assertThat(RelativePositions.bucket(1000, true, 32, 128)).isEqualTo(31);
    }

    @Test
    void eachPairOfTokensGetsTheNumberOfItsDistance() {
        for (boolean bidirectional : new boolean[] {true, false}) {
            try (RelativePositions positions = new RelativePositions(table, bidirectional, 20, 7)) {
                memory.reset();
                INDArray values = positions.of(memory, 5).values();
                assertThat(values.shape()).containsExactly(1, HEADS, 5, 5);
                for (int h = 0; h < HEADS; h++) {
                    for (int q = 0; q < 5; q++) {
                        for (int k = 0; k < 5; k++) {
                            int bucket = RelativePositions.bucket(k - q, bidirectional, BUCKETS, 20);
                            assertThat(values.getDouble(0, h, q, k))
                                    .isEqualTo(table.value().getDouble(bucket, h));
                        }
                    }
                }
            }
        }
    }

    @Test
    void theNextQuerysBiasesAreTheLastRowOfAll() {
        try (RelativePositions positions = new RelativePositions(table, false, 20, 7)) {
            INDArray all = positions.of(memory, 6).values();
            INDArray next = positions.ofNext(memory, 5).values();
            assertThat(next.shape()).containsExactly(1, HEADS, 1, 6);
            for (int h = 0; h < HEADS; h++) {
                for (int k = 0; k < 6; k++) {
                    assertThat(next.getDouble(0, h, 0, k)).isEqualTo(all.getDouble(0, h, 5, k));
                }
            }
        }
    }

    @Test
    void theTablesGradientIsThatOfCentralDifferences() {
        try (RelativePositions positions = new RelativePositions(table, true, 20, 7);
                ParameterGroups groups = new ParameterGroups(positions.parameters())) {
            double[] cotangent = TestArrays.normal(HEADS * 36, 2);
            PositionBias bias = positions.of(memory, 6);
            INDArray gradient = Objects.requireNonNull(bias.gradient());
            assertThat(numbers(gradient)).containsOnly(0);
            TestArrays.set(gradient, cotangent);

            positions.addGradient(memory, bias);

            assertThat(groups.count()).isEqualTo(BUCKETS * HEADS);
            CentralDifferences.check("table", table.value(), table.gradient(), () -> {
                memory.reset();
                return CentralDifferences.weightedSum(positions.of(memory, 6).values(), cotangent);
            });
        }
    }

    @Test
    void aFrozenTableHasNoGradient() {
        try (RelativePositions positions = new RelativePositions(table, true, 20, 7)) {
            PositionBias bias = positions.of(memory, 2);
            assertThat(bias.gradient()).isNull();
            positions.addGradient(memory, bias);
            assertThat(positions.parameters()).isEqualTo(List.of(table));
        }
    }

    @Test
    void complainsAboutWhatItCannotDo() {
        assertThatThrownBy(() -> RelativePositions.bucket(1, true, 6, 128))
                .hasMessage("buckets must be a positive multiple of 4, but is 6");
        assertThatThrownBy(() -> RelativePositions.bucket(1, false, 0, 128))
                .hasMessage("buckets must be a positive multiple of 2, but is 0");
        assertThatThrownBy(() -> RelativePositions.bucket(1, false, 32, 16))
                .hasMessage("maxDistance must be more than 16, but is 16");
        try (RelativePositions positions = new RelativePositions(table, true, 20, 7)) {
            assertThatThrownBy(() -> positions.of(memory, 8)).hasMessage("tokens must be at most 7, but are 8");
        }
    }
}
