package io.github.sherl4j.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sherl4j.NativeBytes;
import io.github.sherl4j.nd.MemoryMeter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TrainerMemoryTest {
    private static final int WIDTH = 1000;
    private static final long STATE_BYTES = 2 * (WIDTH + 1) * Double.BYTES;

    @Test
    void holdsTheUpdatersStateAndNothingElseAndFreesIt() throws InterruptedException {
        TinyData data = TinyData.random(20, WIDTH);
        TrainConfig config = TrainConfig.defaults().withBatchSize(2).withClipNorm(0.1);
        try (TinyModel model = new TinyModel(WIDTH, 0)) {
            long before = NativeBytes.settled();
            List<Long> during = new ArrayList<>();
            TrainListener listener = new TrainListener() {
                @Override
                public void onStep(StepReport report) {
                    during.add(MemoryMeter.nativeBytes() - before);
                }
            };

            new Trainer(config, listener).fit(model, data, null);

            long freed = MemoryMeter.nativeBytes() - before;
            assertThat(during).hasSize(30);
            // Scalars of a few bytes, which ND4J makes once to clear the state, wait for the garbage collector.
            assertThat(during.get(0)).isBetween(STATE_BYTES, STATE_BYTES + 100);
            assertThat(during.subList(1, 30)).allMatch(bytes -> bytes <= during.get(1));
            assertThat(freed).isLessThan(100);
            assertThat(NativeBytes.settled()).isEqualTo(before);
        }
    }
}
