package io.github.sherl4j.nd;

import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Work on numbered parts by all processors, whose end is the end of all its threads, also when a part fails.
 *
 * <p>A parallel stream promises less: after a failure {@code forEach} returns while other threads are still at work. Where they
 * write into native memory, whoever catches the failure and frees that memory would have them write into freed memory.
 */
public final class InParallel {
    private InParallel() {}

    /**
     * Does all parts, and returns when no thread is at work any more.
     *
     * @param count how many parts, numbered from 0
     * @param work what to do for each; called by several threads, the caller's among them
     * @throws RuntimeException the first failure of a part, as does an error; parts that had not begun by then are left out
     */
    public static void forEach(int count, IntConsumer work) {
        AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
        IntStream.range(0, count).parallel().forEach(part -> {
            if (failure.get() == null) {
                attempt(work, part, failure);
            }
        });
        Throwable first = failure.get();
        if (first instanceof Error error) {
            throw error;
        }
        if (first != null) {
            throw (RuntimeException) first;
        }
    }

    /** Keeps what is thrown, since a stream that sees it does not wait for its other threads. */
    private static void attempt(IntConsumer work, int part, AtomicReference<@Nullable Throwable> failure) {
        try {
            work.accept(part);
        } catch (RuntimeException | Error e) {
            failure.compareAndSet(null, e);
        }
    }
}
