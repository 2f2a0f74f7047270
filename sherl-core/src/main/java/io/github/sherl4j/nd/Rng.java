package io.github.sherl4j.nd;

import java.util.SplittableRandom;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.random.impl.BernoulliDistribution;
import org.nd4j.linalg.api.ops.random.impl.GaussianDistribution;
import org.nd4j.linalg.api.ops.random.impl.UniformDistribution;
import org.nd4j.linalg.api.rng.Random;
import org.nd4j.linalg.factory.Nd4j;

/** A seeded source of randomness: equal seeds give equal bits, and no global generator is read or moved. */
public final class Rng implements AutoCloseable {
    /** Stands for 0, at which ND4J's generator would start at the time of day. */
    private static final long ZERO = 0x9E3779B97F4A7C15L;

    private final Random random = Nd4j.getRandomFactory().getNewRandomInstance(0);

    /** A source that starts at a seed. */
    public Rng(long seed) {
        reseed(seed);
    }

    /** Starts again at a seed. */
    public void reseed(long seed) {
        random.setSeed(seed == 0 ? ZERO : seed);
    }

    /** A seed for one use out of many: well mixed, so that neighbouring numbers give unrelated streams. */
    public static long derive(long seed, long use) {
        return new SplittableRandom(seed + 0x9E3779B97F4A7C15L * (use + 1)).nextLong();
    }

    /** Fills with numbers uniform in [low, high). */
    public void uniform(INDArray target, double low, double high) {
        Nd4j.getExecutioner().exec(new UniformDistribution(target, low, high), random);
    }

    /** Fills with normally distributed numbers. */
    public void gaussian(INDArray target, double mean, double deviation) {
        Nd4j.getExecutioner().exec(new GaussianDistribution(target, mean, deviation), random);
    }

    /** Fills with 1 with a probability, else 0. */
    public void bernoulli(INDArray target, double probability) {
        Nd4j.getExecutioner().exec(new BernoulliDistribution(target, probability), random);
    }

    @Override
    public void close() {
        try {
            random.close();
        } catch (Exception e) {
            throw new IllegalStateException("The native random generator could not be freed", e);
        }
    }
}
