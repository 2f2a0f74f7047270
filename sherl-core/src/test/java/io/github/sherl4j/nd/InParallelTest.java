package io.github.sherl4j.nd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;

class InParallelTest {

    @Test
    void everyPartIsDoneOnce() {
        AtomicIntegerArray done = new AtomicIntegerArray(100);
        InParallel.forEach(100, done::incrementAndGet);
        for (int i = 0; i < 100; i++) {
            assertThat(done.get(i)).isEqualTo(1);
        }
        InParallel.forEach(0, done::incrementAndGet);
    }

    /** Two parts at once, on machines of several processors; on one of a single processor nothing can go wrong. */
    @Test
    void aFailureWaitsForThePartsThatHaveBegun() {
        CountDownLatch both = new CountDownLatch(2);
        AtomicBoolean ended = new AtomicBoolean(true);
        assertThatThrownBy(() -> InParallel.forEach(2, part -> {
                    both.countDown();
                    await(both);
                    if (part == 0) {
                        throw new IllegalArgumentException("part 0 is damaged");
                    }
                    ended.set(false);
                    sleep();
                    ended.set(true);
                }))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("part 0 is damaged");
        assertThat(ended).isTrue();
    }

    @Test
    void partsThatHaveNotBegunAreLeftOut() {
        AtomicInteger begun = new AtomicInteger();
        assertThatThrownBy(() -> InParallel.forEach(100_000, part -> {
                    begun.incrementAndGet();
                    throw new OutOfMemoryError("part");
                }))
                .isInstanceOf(OutOfMemoryError.class)
                .hasMessage("part");
        assertThat(begun.get()).isBetween(1, 1000);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await(200, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void sleep() {
        try {
            Thread.sleep(100);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
