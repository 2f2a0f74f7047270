package io.github.sherl4j.train;

/** AdamW number by number, with ND4J's epsilon, as the Javadoc of {@link Optimizer} writes it. */
final class SlowAdamW {
    private static final double BETA1 = 0.9;
    private static final double BETA2 = 0.999;
    private static final double EPSILON = 1e-8;

    final double[] p;
    private final double decay;
    private final double[] m;
    private final double[] v;

    SlowAdamW(double[] start, double decay) {
        this.p = start.clone();
        this.decay = decay;
        this.m = new double[start.length];
        this.v = new double[start.length];
    }

    /** One step; {@code t} is its number, from 1. */
    void step(double[] gradients, double scale, double rate, int t) {
        for (int i = 0; i < p.length; i++) {
            double g = scale * gradients[i];
            p[i] -= rate * decay * p[i];
            m[i] = BETA1 * m[i] + (1 - BETA1) * g;
            v[i] = BETA2 * v[i] + (1 - BETA2) * g * g;
            double unbiased = Math.sqrt(1 - Math.pow(BETA2, t)) / (1 - Math.pow(BETA1, t));
            p[i] -= rate * unbiased * m[i] / (Math.sqrt(v[i]) + EPSILON);
        }
    }
}
