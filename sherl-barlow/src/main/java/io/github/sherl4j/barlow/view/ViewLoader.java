package io.github.sherl4j.barlow.view;

import io.github.sherl4j.barlow.view.ViewMaker.View;
import io.github.sherl4j.data.ImageSource;
import io.github.sherl4j.data.Picture;
import io.github.sherl4j.nd.Check;
import io.github.sherl4j.nd.Rng;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Makes batches of two views ahead of training, in threads of its own. Batches are numbered from 0 on, without end; an epoch has
 * {@link #batchesPerEpoch()} of them and its own order of the pictures, of which those beyond the last full batch are left out
 * until the next epoch. A batch depends on its number and the options alone, so a run can be taken up again at any batch.
 *
 * <p>All arrays are made once: one pair for the batch in use, one for each that waits. In the place of a damaged picture comes
 * the next that can be decoded. Any other error in a thread ends all of them and is thrown by {@link #next()}.
 */
public final class ViewLoader implements AutoCloseable {
    private final ImageSource source;
    private final ViewMaker maker;
    private final LoaderOptions options;
    private final int[] all;
    private final List<Thread> threads = new ArrayList<>();

    // Guarded by lock, as is the state of each batch.
    private final Object lock = new Object();
    private final List<ViewBatch> batches = new ArrayList<>();
    private final Deque<ViewBatch> free = new ArrayDeque<>();
    private final Deque<ViewBatch> started = new ArrayDeque<>();
    private @Nullable ViewBatch filling;
    private long nextNumber;
    private long orderedEpoch = -1;
    private int[] order = new int[0];
    private @Nullable Throwable failure;
    private String failedPicture = "";
    private boolean closed;

    private ViewLoader(ImageSource source, ViewOptions views, LoaderOptions options, long firstBatch) {
        this.source = source;
        this.maker = new ViewMaker(views);
        this.options = options;
        this.nextNumber = firstBatch;
        this.all = IntStream.range(0, source.size()).toArray();
        for (int i = 0; i <= options.prefetch(); i++) {
            batches.add(new ViewBatch(
                    this, options.batchSize(), views.size(), views.norm().channels()));
        }
        free.addAll(batches);
    }

    /**
     * Starts to make batches.
     *
     * @param source the pictures, at least as many as there are in a batch; used by several threads
     * @param views what may happen to them
     * @param options batch size, threads, seed
     * @param firstBatch the number of the first batch, 0 for a new run
     * @return the loader, closed by the caller
     * @throws IllegalArgumentException if there are too few pictures
     */
    public static ViewLoader open(ImageSource source, ViewOptions views, LoaderOptions options, long firstBatch) {
        Check.argument(
                source.size() >= 2,
                "there is one picture only, %s: pictures are compared with each other, so at least 2 are needed",
                source.name(0));
        Check.argument(
                source.size() >= options.batchSize(),
                "batchSize must be at most %s, the number of pictures, but is %s",
                source.size(),
                options.batchSize());
        Check.argument(firstBatch >= 0, "firstBatch must be at least 0, but is %s", firstBatch);
        ViewLoader loader = new ViewLoader(source, views, options, firstBatch);
        loader.start();
        return loader;
    }

    private void start() {
        for (int i = 0; i < options.threads(); i++) {
            Thread thread = new Thread(this::work, "views-" + i);
            thread.setDaemon(true);
            threads.add(thread);
            thread.start();
        }
    }

    /** The number of full batches that an epoch has. */
    public int batchesPerEpoch() {
        return all.length / options.batchSize();
    }

    /**
     * Waits for the next batch.
     *
     * @return the batch, closed by the caller, which makes room for another one
     * @throws IllegalStateException if a picture cannot be read (the message has its name), if this loader is closed, if the
     *     thread is interrupted, or if all batches are lent and none is left to be filled
     */
    public ViewBatch next() {
        synchronized (lock) {
            while (true) {
                requireOpen();
                ViewBatch head = started.peek();
                if (head != null && head.isComplete()) {
                    started.remove();
                    head.setLent(true);
                    return head;
                }
                if (failure != null) {
                    throw new IllegalStateException(
                            "%s: no views can be made of it: %s".formatted(failedPicture, failure.getMessage()),
                            failure);
                }
                if (batches.stream().allMatch(ViewBatch::isLent)) {
                    throw new IllegalStateException(
                            "all %s batches are in use: close one before the next".formatted(batches.size()));
                }
                try {
                    lock.wait();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new IllegalStateException("interrupted while waiting for a batch of views", e);
                }
            }
        }
    }

    /** Stops the threads, waits until they have ended, and frees all arrays, lent ones too. Closing twice does nothing. */
    @Override
    public void close() {
        synchronized (lock) {
            if (closed) {
                return;
            }
            closed = true;
            lock.notifyAll();
        }
        boolean interrupted = false;
        for (Thread thread : threads) {
            while (thread.isAlive()) {
                try {
                    thread.join();
                } catch (InterruptedException e) {
                    interrupted = true; // memory that a thread writes to must not be freed under it
                }
            }
        }
        batches.forEach(ViewBatch::free);
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    void takeBack(ViewBatch batch) {
        synchronized (lock) {
            if (!closed && batch.isLent()) {
                batch.setLent(false);
                free.add(batch);
                lock.notifyAll();
            }
        }
    }

    boolean isLent(ViewBatch batch) {
        synchronized (lock) {
            return !closed && batch.isLent();
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("this loader is closed");
        }
    }

    /** What each thread does: one picture after the other, in the order of batches and rows. */
    private void work() {
        float[] first = new float[maker.length()];
        float[] second = new float[maker.length()];
        while (true) {
            ViewBatch batch;
            int row;
            synchronized (lock) {
                batch = batchToFill();
                if (batch == null) {
                    return;
                }
                row = batch.takeRow();
            }
            try {
                makeViews(batch, row, first, second);
            } catch (Throwable e) { // also an error such as too little memory must reach the training
                fail(batch.index(row), e);
                return;
            }
            synchronized (lock) {
                batch.rowDone();
                if (batch.isComplete()) {
                    lock.notifyAll();
                }
            }
        }
    }

    private void makeViews(ViewBatch batch, int row, float[] first, float[] second) {
        int index = batch.index(row);
        Picture picture = source.firstReadable(all, index);
        for (View view : View.values()) {
            long seed = ViewMaker.seed(options.seed(), batch.epochOfRows(), index, view);
            maker.normalize(maker.view(picture, view, seed), view == View.FIRST ? first : second);
        }
        batch.put(row, picture.label(), first, second);
    }

    private void fail(int index, Throwable e) {
        String name = source.name(index);
        synchronized (lock) {
            if (failure == null) {
                failure = e;
                failedPicture = name;
            }
            lock.notifyAll();
        }
    }

    /** The batch with the next row that nobody works on, or null if the work is over. */
    private @Nullable ViewBatch batchToFill() {
        while (!closed && failure == null) {
            if (filling != null && filling.hasRows()) {
                return filling;
            }
            filling = free.poll();
            if (filling != null) {
                begin(filling);
            } else {
                try {
                    lock.wait();
                } catch (InterruptedException e) {
                    return null; // nobody else knows these threads, so the virtual machine is going down
                }
            }
        }
        return null;
    }

    private void begin(ViewBatch batch) {
        long epoch = nextNumber / batchesPerEpoch();
        if (epoch != orderedEpoch) {
            order = order(all.length, Rng.derive(options.seed(), epoch));
            orderedEpoch = epoch;
        }
        int from = (int) (nextNumber % batchesPerEpoch()) * options.batchSize();
        batch.begin(nextNumber++, epoch, order, from);
        started.add(batch);
    }

    private static int[] order(int count, long seed) {
        int[] order = new int[count];
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < count; i++) {
            int j = random.nextInt(i + 1);
            order[i] = order[j];
            order[j] = i;
        }
        return order;
    }
}
