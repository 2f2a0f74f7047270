package io.github.sherl4j.train;

import io.github.sherl4j.nd.Check;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;

/**
 * By which rule parameters move. Immutable.
 *
 * @param updater ND4J's or an application's updater; copied. The training's schedule replaces its own learning rate
 * @param weightDecay weight decay of parameters that decay; others, such as biases and norms, are left out
 * @param decay how it acts
 * @param trust LARS' trust coefficient, which scales each decaying parameter's gradient g to {@code trust * |p|}, or 0 for none
 * @param vectorRate factor of the learning rate for parameters that do not decay
 */
public record OptimizerConfig(IUpdater updater, double weightDecay, Decay decay, double trust, double vectorRate) {
    /** How weight decay acts. */
    public enum Decay {
        /** Each step first multiplies weights by 1 - rate * weightDecay, as in AdamW. */
        DECOUPLED,
        /** It is a part of the gradient, g + weightDecay * p, as in SGD and LARS; added after clipping. */
        IN_GRADIENT
    }

    /** Checks the numbers. */
    public OptimizerConfig {
        Check.argument(
                weightDecay >= 0 && Double.isFinite(weightDecay),
                "weightDecay must be finite and not negative, but is %s",
                weightDecay);
        Check.argument(trust >= 0 && Double.isFinite(trust), "trust must be finite and not negative, but is %s", trust);
        Check.argument(
                vectorRate > 0 && Double.isFinite(vectorRate),
                "vectorRate must be positive and finite, but is %s",
                vectorRate);
        updater = updater.clone();
    }

    /** AdamW with ND4J's defaults, of which epsilon acts in step t as one of epsilon / sqrt(1 - beta2^t) would in PyTorch. */
    public static OptimizerConfig adamW(double weightDecay) {
        return new OptimizerConfig(new Adam(), weightDecay, Decay.DECOUPLED, 0, 1);
    }

    /** Gradient descent with heavy-ball momentum, as PyTorch's. */
    public static OptimizerConfig sgd(double momentum, double weightDecay) {
        return new OptimizerConfig(new Momentum(0, momentum), weightDecay, Decay.IN_GRADIENT, 0, 1);
    }

    /** LARS as Barlow Twins trains: momentum 0.9, trust 0.001, decay 1e-6, and 0.0048 / 0.2 of the rate for biases and norms. */
    public static OptimizerConfig lars() {
        return new OptimizerConfig(new Momentum(0, 0.9), 1e-6, Decay.IN_GRADIENT, 0.001, 0.0048 / 0.2);
    }

    /** A copy of the updater. */
    @Override
    public IUpdater updater() {
        return updater.clone();
    }

    /** This rule with another {@link #updater}. */
    public OptimizerConfig withUpdater(IUpdater newUpdater) {
        return new OptimizerConfig(newUpdater, weightDecay, decay, trust, vectorRate);
    }

    /** This rule with another {@link #weightDecay}. */
    public OptimizerConfig withWeightDecay(double newWeightDecay) {
        return new OptimizerConfig(updater, newWeightDecay, decay, trust, vectorRate);
    }

    /** This rule with another {@link #trust}. */
    public OptimizerConfig withTrust(double newTrust) {
        return new OptimizerConfig(updater, weightDecay, decay, newTrust, vectorRate);
    }

    /** This rule with another {@link #vectorRate}. */
    public OptimizerConfig withVectorRate(double newVectorRate) {
        return new OptimizerConfig(updater, weightDecay, decay, trust, newVectorRate);
    }
}
