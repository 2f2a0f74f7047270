package io.github.sherl4j.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PairDataTest {
    private static TokenizedData texts(int count) {
        return TokenizedData.of(
                IntStream.range(0, count)
                        .mapToObj(i -> new TokenizedText(new int[1 + i % 7], new int[1 + i % 7]))
                        .toList(),
                new int[0]);
    }

    /** So many texts, three to an image. */
    private static PairData<TokenBatch, TokenBatch> threeEach(int count) {
        return PairData.of(
                texts((count + 2) / 3),
                texts(count),
                IntStream.range(0, count).map(i -> i / 3).toArray());
    }

    @Test
    void plansEachPairOnceWithAllImagesOfABatchDifferent() {
        List<int[]> plan = threeEach(60).plan(16, 5);

        assertThat(plan.stream().flatMapToInt(Arrays::stream).sorted().toArray())
                .isEqualTo(IntStream.range(0, 60).toArray());
        assertThat(plan).hasSize(4).allSatisfy(batch -> {
            assertThat(batch.length).isBetween(14, 16);
            Set<Integer> images = new HashSet<>();
            assertThat(Arrays.stream(batch).allMatch(pair -> images.add(pair / 3)))
                    .isTrue();
        });
    }

    @Test
    void plansNoSinglePair() {
        assertThat(threeEach(5).plan(2, 1)).extracting(batch -> batch.length).containsExactlyInAnyOrder(3, 2);
        assertThat(threeEach(3).plan(2, 1)).extracting(batch -> batch.length).containsExactly(3);
    }

    @Test
    void plansByItsSeed() {
        PairData<TokenBatch, TokenBatch> pairs = threeEach(60);
        int[][] plan = pairs.plan(16, 5).toArray(new int[0][]);
        assertThat(pairs.plan(16, 5).toArray(new int[0][])).isDeepEqualTo(plan);
        assertThat(Arrays.deepEquals(pairs.plan(16, 6).toArray(new int[0][]), plan))
                .isFalse();
    }

    @Test
    void theFirstBatchIsTheLargest() {
        PairData<TokenBatch, TokenBatch> pairs = threeEach(60);
        for (int seed = 0; seed < 20; seed++) {
            List<long[]> costs = pairs.plan(6, seed).stream()
                    .map(batch -> new long[] {
                        batch.length
                                * Arrays.stream(batch)
                                        .mapToLong(i -> 1 + i % 7)
                                        .max()
                                        .orElseThrow()
                    })
                    .toList();
            assertThat(costs.get(0)[0])
                    .isEqualTo(costs.stream().mapToLong(cost -> cost[0]).max().orElseThrow());
        }
    }

    @Test
    void cutsBatchesIntoParts() {
        try (PairBatch<TokenBatch, TokenBatch> batch =
                threeEach(9).withParts(2, 4).batch(new int[] {0, 3, 6, 1, 4})) {
            assertThat(batch.size()).isEqualTo(5);
            assertThat(batch.images()).extracting(TokenBatch::size).containsExactly(2, 2, 1);
            assertThat(batch.texts()).extracting(TokenBatch::size).containsExactly(4, 1);
            assertThat(batch.texts().get(1).keys()).containsExactly(new TokenizedText(new int[5], new int[5]));
            assertThat(batch.images().get(1).keys())
                    .containsExactly(
                            new TokenizedText(new int[3], new int[3]), new TokenizedText(new int[1], new int[1]));
        }
    }

    @Test
    void refusesWhatDoesNotMatch() {
        assertThatThrownBy(() -> PairData.of(texts(3), texts(3), new int[] {0, 1}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("imageOfText must have one image for each of 3 texts, but has 2");
        assertThatThrownBy(() -> PairData.of(texts(3), texts(2), new int[] {0, 3}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("imageOfText must have indices from 0 to 2, but has 3 for text 1");
        assertThatThrownBy(() -> PairData.of(texts(1), texts(1), new int[] {0}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("texts must be at least 2, but are 1");
        assertThatThrownBy(() -> threeEach(9).plan(1, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("batchSize must be at least 2, since a single pair has no negatives, but is 1");
        try (TokenBatch one = texts(1).batch(new int[] {0});
                TokenBatch two = texts(2).batch(new int[] {0, 1})) {
            assertThatThrownBy(() -> new PairBatch<>(List.of(one), List.of(two)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("texts must be as many as the 1 images, but are 2");
        }
    }
}
