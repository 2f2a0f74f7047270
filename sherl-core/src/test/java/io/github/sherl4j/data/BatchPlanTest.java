package io.github.sherl4j.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BatchPlanTest {

    @ParameterizedTest
    @CsvSource({
        "1, 8",
        "8, 8",
        "9, 8",
        "399, 8",
        "400, 8",
        "401, 8",
        "800, 8",
        "803, 8",
        "1999, 8",
        "503, 1",
        "5, 2147483647"
    })
    void theFirstBatchHasTheMostRowsAndTokens(int examples, int batchSize) {
        for (long seed = 0; seed < 20; seed++) {
            int[] lengths = randomLengths(examples, seed);
            List<int[]> plan = BatchPlan.shuffled(lengths, batchSize, seed);

            assertEveryIndexOnce(plan, examples);
            int rows = plan.get(0).length;
            int tokens = tokens(plan.get(0), lengths);
            assertThat(rows).isEqualTo(Math.min(batchSize, examples));
            assertThat(tokens).isEqualTo(Arrays.stream(lengths).max().orElseThrow());
            assertThat(plan).allMatch(batch -> batch.length <= rows && tokens(batch, lengths) <= tokens);
            assertThat(plan).filteredOn(batch -> batch.length < rows).hasSizeLessThanOrEqualTo(1);
        }
    }

    @Test
    void theShortBatchNeverHoldsTheLongestText() {
        int[] lengths = new int[407];
        Arrays.fill(lengths, 5);
        lengths[100] = 50;
        for (long seed = 0; seed < 500; seed++) {
            List<int[]> plan = BatchPlan.shuffled(lengths, 8, seed);

            assertThat(plan.get(0)).as("seed %d", seed).hasSize(8).contains(100);
        }
    }

    @Test
    void equalSeedsGiveEqualPlansAndOthersDoNot() {
        int[] lengths = randomLengths(1000, 1);

        List<int[]> plan = BatchPlan.shuffled(lengths, 16, 42);

        assertThat(BatchPlan.shuffled(lengths, 16, 42))
                .usingRecursiveComparison()
                .isEqualTo(plan);
        List<int[]> other = BatchPlan.shuffled(lengths, 16, 43);
        assertThat(flat(other)).isNotEqualTo(flat(plan));
        assertThat(sortedRows(other)).isNotEqualTo(sortedRows(plan));
    }

    @Test
    void similarLengthsShareABatch() {
        int[] lengths = randomLengths(10_000, 1);
        long real = Arrays.stream(lengths).sum();

        assertThat(padded(BatchPlan.shuffled(lengths, 32, 0), lengths)).isLessThan((long) (1.1 * real));
        assertThat(padded(List.of(flat(BatchPlan.shuffled(lengths, 32, 0))), lengths))
                .isGreaterThan((long) (1.5 * real));
    }

    @Test
    void batchesComeInNoOrderOfLength() {
        int[] lengths = randomLengths(1600, 1);

        List<int[]> plan = BatchPlan.shuffled(lengths, 16, 0);

        int[] tokens = plan.stream().mapToInt(batch -> tokens(batch, lengths)).toArray();
        long falling = 0;
        for (int i = 2; i < tokens.length; i++) {
            falling += tokens[i] < tokens[i - 1] ? 1 : 0;
        }
        assertThat(falling).isBetween(30L, 70L);
    }

    @Test
    void byLengthGoesFromTheLongestToTheShortestAndKeepsTies() {
        List<int[]> plan = BatchPlan.byLength(new int[] {3, 9, 3, 5, 9}, 2);

        assertThat(plan).containsExactly(new int[] {1, 4}, new int[] {3, 0}, new int[] {2});
    }

    @Test
    void batchSizeMustBePositive() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> BatchPlan.shuffled(new int[] {3}, 0, 1))
                .withMessageContaining("batchSize is 0: expected at least 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> BatchPlan.byLength(new int[] {3}, -2))
                .withMessageContaining("batchSize is -2: expected at least 1");
    }

    private static int[] randomLengths(int count, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        return random.ints(count, 3, 60).toArray();
    }

    private static void assertEveryIndexOnce(List<int[]> plan, int examples) {
        int[] all = flat(plan);
        Arrays.sort(all);
        int[] expected = new int[examples];
        Arrays.setAll(expected, i -> i);
        assertThat(all).isEqualTo(expected);
    }

    private static int[] flat(List<int[]> plan) {
        return plan.stream().flatMapToInt(Arrays::stream).toArray();
    }

    private static List<String> sortedRows(List<int[]> plan) {
        return plan.stream()
                .map(batch -> Arrays.toString(Arrays.stream(batch).sorted().toArray()))
                .sorted()
                .toList();
    }

    private static int tokens(int[] batch, int[] lengths) {
        return Arrays.stream(batch).map(i -> lengths[i]).max().orElseThrow();
    }

    private static long padded(List<int[]> plan, int[] lengths) {
        return plan.stream()
                .mapToLong(batch -> (long) batch.length * tokens(batch, lengths))
                .sum();
    }
}
