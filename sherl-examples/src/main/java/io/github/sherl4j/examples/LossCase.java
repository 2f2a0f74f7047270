package io.github.sherl4j.examples;

import io.github.sherl4j.barlow.BarlowTwinsLoss;
import io.github.sherl4j.barlow.LossOptions;
import io.github.sherl4j.nd.OpProfile;
import io.github.sherl4j.nd.Rng;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Barlow Twins' loss with both gradients, measured on random embeddings. Embeddings and gradients do not count as its memory.
 *
 * @param batch rows of an embedding
 * @param width of an embedding
 */
record LossCase(int batch, int width) {
    /** What users write, N and D being numbers. */
    static final String NAME = "barlow_loss_N_D";

    private static final Pattern PATTERN = Pattern.compile("barlow_loss_([1-9]\\d{0,5})_([1-9]\\d{0,5})");
    private static final int WARM_ROUNDS = 2;
    private static final long SEED = 1;

    /** The case of a name such as {@code barlow_loss_256_8192}, if it is one with a batch of at least 2. */
    static Optional<LossCase> find(String name) {
        Matcher matcher = PATTERN.matcher(name);
        return matcher.matches()
                ? Optional.of(new LossCase(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2))))
                        .filter(known -> known.batch > 1)
                : Optional.empty();
    }

    String name() {
        return "barlow_loss_" + batch + "_" + width;
    }

    /** Measures so many rounds after two that do not count; operations of those rounds go into the profile if there is one. */
    BenchmarkResult run(int rounds, @Nullable OpProfile profile) {
        double[] times = new double[rounds];
        try (Rng rng = new Rng(SEED);
                INDArray z1 = Nd4j.createUninitialized(DataType.FLOAT, batch, width);
                INDArray z2 = Nd4j.createUninitialized(DataType.FLOAT, batch, width);
                INDArray gradient1 = Nd4j.create(DataType.FLOAT, batch, width);
                INDArray gradient2 = Nd4j.create(DataType.FLOAT, batch, width)) {
            rng.gaussian(z1, 0, 1);
            rng.gaussian(z2, 0, 1);
            TrainingMemory meter = TrainingMemory.start();
            try (BarlowTwinsLoss loss = new BarlowTwinsLoss(LossOptions.defaults())) {
                for (int round = -WARM_ROUNDS; round < rounds; round++) {
                    loss.profile(round < 0 ? null : profile);
                    long start = System.nanoTime();
                    loss.of(z1, z2, gradient1, gradient2);
                    if (round >= 0) {
                        times[round] = (System.nanoTime() - start) / 1e6;
                    }
                    meter.sample();
                }
                int threads = Nd4j.getEnvironment().maxThreads();
                return BenchmarkResult.of(name(), times, meter.peakMb(), meter.residentPeakMb(), threads);
            }
        }
    }
}
