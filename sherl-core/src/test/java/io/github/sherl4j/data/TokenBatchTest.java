package io.github.sherl4j.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.memory.conf.WorkspaceConfiguration;
import org.nd4j.linalg.factory.Nd4j;

class TokenBatchTest {

    private static final TokenizedText PAIR = new TokenizedText(new int[] {2, 8, 3, 9, 3}, new int[] {0, 0, 0, 1, 1});
    private static final TokenizedText SINGLE = new TokenizedText(new int[] {2, 7, 3}, new int[] {0, 0, 0});

    @Test
    void padsToTheLongest() {
        try (TokenBatch batch = TokenBatch.of(List.of(SINGLE, PAIR), new int[] {1, 0})) {
            assertThat(batch.ids().dataType()).isEqualTo(DataType.INT32);
            assertThat(batch.ids().toIntMatrix()).isEqualTo(new int[][] {{2, 7, 3, 0, 0}, {2, 8, 3, 9, 3}});
            assertThat(batch.types().dataType()).isEqualTo(DataType.INT32);
            assertThat(batch.types().toIntMatrix()).isEqualTo(new int[][] {{0, 0, 0, 0, 0}, {0, 0, 0, 1, 1}});
            assertThat(batch.mask().dataType()).isEqualTo(DataType.FLOAT);
            assertThat(batch.mask().toFloatMatrix()).isEqualTo(new float[][] {{1, 1, 1, 0, 0}, {1, 1, 1, 1, 1}});
            assertThat(batch.lengths()).containsExactly(3, 5);
            assertThat(batch.labels()).containsExactly(1, 0);
            assertThat(batch.size()).isEqualTo(2);
            assertThat(batch.tokens()).isEqualTo(5);
            assertThat(batch.maxId()).isEqualTo(9);
            assertThat(batch.maxType()).isEqualTo(1);
            assertThat(batch.keys()).containsExactly(SINGLE, PAIR);
        }
    }

    @Test
    void oneTextWithoutLabelIsStillAMatrix() {
        try (TokenBatch batch = TokenBatch.of(List.of(new TokenizedText(new int[] {9}, new int[] {0})), new int[0])) {
            assertThat(batch.ids().shape()).containsExactly(1, 1);
            assertThat(batch.mask().shape()).containsExactly(1, 1);
            assertThat(batch.labels()).isEmpty();
        }
    }

    @Test
    void copiesCannotChangeTheBatch() {
        int[] labels = {1, 0};
        try (TokenBatch batch = TokenBatch.of(List.of(SINGLE, PAIR), labels)) {
            labels[0] = 9;
            batch.labels()[1] = 9;
            batch.lengths()[0] = 9;

            assertThat(batch.labels()).containsExactly(1, 0);
            assertThat(batch.lengths()).containsExactly(3, 5);
        }
    }

    @Test
    void knowsWhereEachTextHasItsFirstLargestId() {
        TokenizedText twice = new TokenizedText(new int[] {3, 9, 4, 9, 2}, new int[5]);
        TokenizedText atTheStart = new TokenizedText(new int[] {7, 0}, new int[2]);
        TokenizedText atTheEnd = new TokenizedText(new int[] {1, 2, 8}, new int[3]);
        try (TokenBatch batch = TokenBatch.of(List.of(twice, atTheStart, atTheEnd), new int[0])) {
            assertThat(batch.largestIdTokens().toIntVector()).containsExactly(1, 0, 2);
        }
    }

    @Test
    void closeFreesTheMemoryAtOnce() {
        TokenBatch.of(List.of(SINGLE, PAIR), new int[0]).close();
        long before = liveBytes();

        TokenBatch batch = TokenBatch.of(List.of(SINGLE, PAIR), new int[0]);
        long during = liveBytes();
        batch.close();
        batch.close();

        assertThat(during - before).isEqualTo((3 * 2 * 5 + 2) * 4);
        assertThat(liveBytes()).isEqualTo(before);
        assertThatIllegalStateException().isThrownBy(batch::ids).withMessageContaining("this batch is closed");
        assertThatIllegalStateException().isThrownBy(batch::types).withMessageContaining("this batch is closed");
        assertThatIllegalStateException().isThrownBy(batch::mask).withMessageContaining("this batch is closed");
        assertThatIllegalStateException()
                .isThrownBy(batch::largestIdTokens)
                .withMessageContaining("this batch is closed");
    }

    @Test
    void outlivesTheWorkspaceThatItWasMadeIn() {
        WorkspaceConfiguration tenKilobytes =
                WorkspaceConfiguration.builder().initialSize(10_000).build();
        TokenBatch batch;
        try (MemoryWorkspace step = Nd4j.getWorkspaceManager().getAndActivateWorkspace(tenKilobytes, "step")) {
            batch = TokenBatch.of(List.of(SINGLE), new int[0]);
            assertThat(step.getPrimaryOffset()).isZero();
        }
        Nd4j.getWorkspaceManager().destroyWorkspace(Nd4j.getWorkspaceManager().getWorkspaceForCurrentThread("step"));

        assertThat(batch.ids().isAttached()).isFalse();
        assertThat(batch.ids().toIntMatrix()).isEqualTo(new int[][] {{2, 7, 3}});
        batch.close();
    }

    @Test
    void mismatchedArgumentsAreNamed() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TokenBatch.of(List.of(), new int[0]))
                .withMessageContaining("texts is empty");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TokenBatch.of(List.of(SINGLE, PAIR), new int[] {1}))
                .withMessageContaining("labels has 1 entries: expected none, or one per text, 2");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TokenBatch.of(List.of(SINGLE, PAIR), new int[] {1, -1}))
                .withMessageContaining("labels[1] is -1");
    }

    private static long liveBytes() {
        return Nd4j.getEnvironment().getDeviceCouner(0);
    }
}
