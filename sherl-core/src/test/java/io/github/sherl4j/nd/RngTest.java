package io.github.sherl4j.nd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.sherl4j.TestArrays;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class RngTest {
    private static final int LENGTH = 20_000;

    @Test
    void equalSeedsGiveEqualBitsAndOthersOthers() {
        for (BiConsumer<Rng, INDArray> fill :
                List.<BiConsumer<Rng, INDArray>>of(RngTest::uniform, RngTest::gaussian, RngTest::bernoulli)) {
            for (DataType type : new DataType[] {DataType.FLOAT, DataType.DOUBLE}) {
                for (long seed : new long[] {5, 0, -1, 0xdeadbeefL}) {
                    double[] numbers = drawn(type, seed, fill);
                    pause(); // a generator that starts at the time of day would differ

                    assertThat(drawn(type, seed, fill)).as("seed %s", seed).isEqualTo(numbers);
                    assertThat(drawn(type, seed + 1, fill)).isNotEqualTo(numbers);
                }
            }
        }
    }

    private static void pause() {
        try {
            Thread.sleep(2);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void aReseededSourceStartsAgainAndAContinuedOneGoesOn() {
        INDArray target = TestArrays.blank(DataType.FLOAT, 100);
        try (Rng rng = new Rng(5)) {
            gaussian(rng, target);
            double[] first = TestArrays.numbers(target);
            gaussian(rng, target);
            assertThat(TestArrays.numbers(target)).isNotEqualTo(first);
            rng.reseed(5);
            gaussian(rng, target);
            assertThat(TestArrays.numbers(target)).isEqualTo(first);
        }
    }

    @Test
    void hasTheMomentsOfItsDistributions() {
        assertMoments(drawn(DataType.DOUBLE, 1, RngTest::uniform), 1, 16 / 12.0);
        assertThat(drawn(DataType.DOUBLE, 1, RngTest::uniform))
                .satisfies(x -> assertThat(Arrays.stream(x)).allMatch(number -> number >= -1 && number < 3));
        assertMoments(drawn(DataType.DOUBLE, 1, RngTest::gaussian), 1, 4);
        assertMoments(drawn(DataType.DOUBLE, 1, RngTest::bernoulli), 0.3, 0.21);
        assertThat(drawn(DataType.FLOAT, 1, RngTest::bernoulli)).containsOnly(0, 1);
    }

    @Test
    void leavesTheGlobalGeneratorAlone() {
        Nd4j.getRandom().setSeed(77);
        double[] expected = globalNumbers();

        Nd4j.getRandom().setSeed(77);
        drawn(DataType.FLOAT, 5, RngTest::uniform);
        drawn(DataType.FLOAT, 5, RngTest::gaussian);
        drawn(DataType.FLOAT, 5, RngTest::bernoulli);

        assertThat(Nd4j.getRandom().getSeed()).isEqualTo(77);
        assertThat(globalNumbers()).isEqualTo(expected);
    }

    @Test
    void theGlobalGeneratorDoesNotMoveIt() {
        double[] expected = drawn(DataType.FLOAT, 5, RngTest::uniform);
        Nd4j.getRandom().setSeed(123);
        globalNumbers();

        assertThat(drawn(DataType.FLOAT, 5, RngTest::uniform)).isEqualTo(expected);
    }

    @Test
    void derivedSeedsDifferByUseAndBySeed() {
        Set<Long> seeds = new HashSet<>();
        for (long seed = 0; seed < 20; seed++) {
            for (long use = 0; use < 20; use++) {
                seeds.add(Rng.derive(seed, use));
            }
        }
        assertThat(seeds).hasSize(400);
        assertThat(Rng.derive(3, 4)).isEqualTo(Rng.derive(3, 4));
    }

    private static void uniform(Rng rng, INDArray target) {
        rng.uniform(target, -1, 3);
    }

    private static void gaussian(Rng rng, INDArray target) {
        rng.gaussian(target, 1, 2);
    }

    private static void bernoulli(Rng rng, INDArray target) {
        rng.bernoulli(target, 0.3);
    }

    private static double[] drawn(DataType type, long seed, BiConsumer<Rng, INDArray> fill) {
        try (Rng rng = new Rng(seed);
                INDArray target = TestArrays.blank(type, LENGTH)) {
            fill.accept(rng, target);
            return TestArrays.numbers(target);
        }
    }

    private static double[] globalNumbers() {
        return TestArrays.numbers(Nd4j.rand(DataType.FLOAT, 50));
    }

    private static void assertMoments(double[] numbers, double mean, double variance) {
        double found = Arrays.stream(numbers).average().orElseThrow();
        double square = Arrays.stream(numbers).map(x -> x * x).average().orElseThrow();
        assertThat(found).isCloseTo(mean, within(5 * Math.sqrt(variance / LENGTH)));
        assertThat(square - found * found).isCloseTo(variance, within(0.05 * variance));
    }
}
