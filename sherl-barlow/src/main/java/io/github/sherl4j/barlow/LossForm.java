package io.github.sherl4j.barlow;

/**
 * How the sums of Barlow Twins' loss are taken. With C = Z1^T Z2 / N of standardised embeddings [N, D], both are exact:
 *
 * <ul>
 *   <li>{@link #CORRELATION}: through C [D, D]: 6 N D^2 operations, D^2 numbers;
 *   <li>{@link #GRAM}: through K = Z Z^T [N, N] of both views, since the sum of all squares of C is that of K1 * K2 / N^2,
 *       and its gradient with respect to Z1 is 2 / N^2 K2 Z1: 8 N^2 D operations, N^2 numbers.
 * </ul>
 */
public enum LossForm {
    /** Gram matrices where the batch is smaller than 0.75 of the width, else the correlation matrix. */
    CHEAPEST,
    /** Gram matrices of the batch. */
    GRAM,
    /** The correlation matrix. */
    CORRELATION;

    /** The form to take for a batch: never {@link #CHEAPEST}. */
    LossForm of(long batch, long width) {
        if (this != CHEAPEST) {
            return this;
        }
        return batch < 0.75 * width ? GRAM : CORRELATION;
    }
}
