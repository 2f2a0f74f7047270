package io.github.sherl4j.barlow;

import io.github.sherl4j.nd.Check;

/**
 * Options of {@link BarlowTwinsLoss}. Immutable; start from {@link #defaults()}.
 *
 * @param lambda weight of the off-diagonal terms; the paper's 0.0051 was chosen for a width of 8192, and values near
 *     1 / width work for others
 * @param scale factor of the whole loss and of its gradients
 * @param eps added to the variance of each component before its root is taken
 * @param form how the sums are taken; changes cost, not results
 */
public record LossOptions(double lambda, double scale, double eps, LossForm form) {
    /** Checks the numbers. */
    public LossOptions {
        Check.argument(
                lambda >= 0 && Double.isFinite(lambda), "lambda must be finite and not negative, but is %s", lambda);
        Check.argument(scale > 0 && Double.isFinite(scale), "scale must be positive and finite, but is %s", scale);
        Check.argument(eps > 0 && Double.isFinite(eps), "eps must be positive and finite, but is %s", eps);
    }

    /** The paper's: lambda 0.0051, scale 1, eps 1e-5, the cheapest form. */
    public static LossOptions defaults() {
        return new LossOptions(0.0051, 1, 1e-5, LossForm.CHEAPEST);
    }

    /** These options with another {@link #lambda}. */
    public LossOptions withLambda(double newLambda) {
        return new LossOptions(newLambda, scale, eps, form);
    }

    /** These options with another {@link #scale}. */
    public LossOptions withScale(double newScale) {
        return new LossOptions(lambda, newScale, eps, form);
    }

    /** These options with another {@link #eps}. */
    public LossOptions withEps(double newEps) {
        return new LossOptions(lambda, scale, newEps, form);
    }

    /** These options with another {@link #form}. */
    public LossOptions withForm(LossForm newForm) {
        return new LossOptions(lambda, scale, eps, newForm);
    }
}
