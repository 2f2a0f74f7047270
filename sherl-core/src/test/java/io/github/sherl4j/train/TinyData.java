package io.github.sherl4j.train;

import io.github.sherl4j.data.BatchSource;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Rows of numbers with a target each; remembers the batches it gave out. */
final class TinyData implements BatchSource<TinyData.Batch> {
    static final class Batch implements AutoCloseable {
        final double[][] inputs;
        final double[] targets;
        boolean closed;

        private final @Nullable IOException failure;

        Batch(double[][] inputs, double[] targets, @Nullable IOException failure) {
            this.inputs = inputs;
            this.targets = targets;
            this.failure = failure;
        }

        @Override
        public void close() throws IOException {
            closed = true;
            if (failure != null) {
                throw failure;
            }
        }
    }

    final double[][] inputs;
    final double[] targets;
    /** What closing a batch fails with. */
    @Nullable
    IOException failure;

    final List<Batch> batches = new ArrayList<>();

    TinyData(double[][] inputs, double[] targets) {
        this.inputs = inputs;
        this.targets = targets;
    }

    /** Random rows; targets are a linear function of them with some noise. */
    static TinyData random(int size, int width) {
        SplittableRandom random = new SplittableRandom(7);
        double[][] inputs = new double[size][width];
        double[] targets = new double[size];
        for (int n = 0; n < size; n++) {
            targets[n] = 0.5 + 0.1 * random.nextDouble();
            for (int i = 0; i < width; i++) {
                inputs[n][i] = 2 * random.nextDouble() - 1;
                targets[n] += (i - 1.5) * inputs[n][i];
            }
        }
        return new TinyData(inputs, targets);
    }

    @Override
    public int size() {
        return targets.length;
    }

    @Override
    public List<int[]> plan(int batchSize, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int[] order = IntStream.range(0, size()).toArray();
        for (int i = order.length - 1; i > 0; i--) {
            int other = random.nextInt(i + 1);
            int kept = order[i];
            order[i] = order[other];
            order[other] = kept;
        }
        List<int[]> plan = new ArrayList<>();
        for (int start = 0; start < order.length; start += batchSize) {
            plan.add(IntStream.range(start, Math.min(order.length, start + batchSize))
                    .map(i -> order[i])
                    .toArray());
        }
        return plan;
    }

    @Override
    public Batch batch(int[] indices) {
        Batch batch = new Batch(
                IntStream.of(indices).mapToObj(i -> inputs[i]).toArray(double[][]::new),
                IntStream.of(indices).mapToDouble(i -> targets[i]).toArray(),
                failure);
        batches.add(batch);
        return batch;
    }
}
