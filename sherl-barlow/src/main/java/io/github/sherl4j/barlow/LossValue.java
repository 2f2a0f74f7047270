package io.github.sherl4j.barlow;

/**
 * The loss and its two sums, over the cross-correlation matrix c.
 *
 * @param value {@code scale * (diagonal + lambda * offDiagonal)}
 * @param diagonal {@code sum_i (c_ii - 1)^2}: how far the embedding is from invariance to the distortions
 * @param offDiagonal {@code sum_{i != j} c_ij^2}: how redundant its components are
 */
public record LossValue(double value, double diagonal, double offDiagonal) {
    static LossValue of(LossOptions options, double diagonal, double offDiagonal) {
        // Rounding may leave less than nothing of a difference of two equal sums.
        double redundancy = Math.max(offDiagonal, 0);
        return new LossValue(options.scale() * (diagonal + options.lambda() * redundancy), diagonal, redundancy);
    }
}
