package io.github.sherl4j.barlow;

import io.github.sherl4j.nd.Check;
import java.util.Arrays;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.EigenDecomposition;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Whether embeddings say anything. In a collapse all pictures get one embedding (standard deviation 0), or embeddings vary along
 * a few directions only (low effective rank).
 *
 * @param deviation mean over the components of their standard deviation in the batch
 * @param effectiveRank exp of the entropy of the covariance's eigenvalues, as shares of their sum (after Roy and Vetterli 2007):
 *     between 1 and the number of directions in which embeddings vary; 0 where they do not vary at all
 * @param largestRank what the effective rank could be at most: the smaller of the width and the rows less one
 */
public record EmbeddingHealth(double deviation, double effectiveRank, int largestRank) {
    private static final double LEAST_DEVIATION = 1e-4;
    private static final double LEAST_SHARE_OF_RANK = 0.02;
    private static final double LEAST_RANK = 1.5;

    private static final double ROUNDING = 1e-13;

    /** Rows beyond these are left out: their eigenvalues would take longer than a training step. */
    private static final int MOST_ROWS = 128;

    /**
     * Measures embeddings, the first 128 rows of them.
     *
     * @param z [rows, width], at least 2 rows, not modified
     */
    public static EmbeddingHealth of(INDArray z) {
        Check.argument(
                z.rank() == 2 && z.size(0) > 1,
                "z must be [rows, width] of at least 2 rows, but has shape %s",
                Arrays.toString(z.shape()));
        double[][] rows = new double[(int) Math.min(MOST_ROWS, z.size(0))][(int) z.size(1)];
        for (int i = 0; i < rows.length; i++) {
            for (int j = 0; j < rows[i].length; j++) {
                rows[i][j] = z.getDouble(i, j);
            }
        }
        double deviation = center(rows);
        int largest = Math.min(rows.length - 1, rows[0].length);
        return new EmbeddingHealth(deviation, Double.isFinite(deviation) ? rank(rows) : Double.NaN, largest);
    }

    /** Subtracts the means, what rounding leaves of a constant column is 0, and returns the mean standard deviation. */
    private static double center(double[][] rows) {
        int width = rows[0].length;
        double sum = 0;
        for (int j = 0; j < width; j++) {
            double mean = 0;
            double largest = 0;
            for (double[] row : rows) {
                mean += row[j];
                largest = Math.max(largest, Math.abs(row[j]));
            }
            mean /= rows.length;
            double variance = 0;
            for (double[] row : rows) {
                double difference = row[j] - mean;
                row[j] = Math.abs(difference) <= ROUNDING * largest ? 0 : difference;
                variance += row[j] * row[j] / rows.length;
            }
            sum += Math.sqrt(variance);
        }
        return sum / width;
    }

    /** The covariance has the same positive eigenvalues as the smaller of both products of the rows with themselves. */
    private static double rank(double[][] rows) {
        Array2DRowRealMatrix centered = new Array2DRowRealMatrix(rows, false);
        boolean wide = rows[0].length > rows.length;
        double[] eigenvalues = new EigenDecomposition(
                        wide
                                ? centered.multiply(centered.transpose())
                                : centered.transpose().multiply(centered))
                .getRealEigenvalues();
        double total = Arrays.stream(eigenvalues).filter(value -> value > 0).sum();
        if (total == 0) {
            return 0;
        }
        double entropy = Arrays.stream(eigenvalues)
                .map(value -> value / total)
                .filter(share -> share > 0)
                .map(share -> -share * Math.log(share))
                .sum();
        return Math.exp(entropy);
    }

    /**
     * Whether the embeddings have all but collapsed: deviation below 1e-4, or effective rank below 1.5 or 2 % of what it could
     * be, where it could be more than one.
     */
    public boolean collapsed() {
        return !(deviation >= LEAST_DEVIATION)
                || (largestRank > 1 && effectiveRank < Math.max(LEAST_RANK, LEAST_SHARE_OF_RANK * largestRank));
    }
}
