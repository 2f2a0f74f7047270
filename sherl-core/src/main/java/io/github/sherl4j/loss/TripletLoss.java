package io.github.sherl4j.loss;

import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.Check;
import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.nd.Ops;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The hinge loss of matching pairs (Faghri et al. 2018, VSE++) over the similarities {@code s_ij = images_i . texts_j} of a
 * batch, in which pair i is image i and text i and everything else is a negative:
 *
 * <pre>
 * loss = sum_i  over_j!=i [margin + s_ij - s_ii]+  +  sum_j  over_i!=j [margin + s_ij - s_jj]+
 * </pre>
 *
 * <p>"over" is the sum or the maximum, that is the hardest negative. The loss is the batch's sum, as published, so it grows
 * with the batch, of which it needs all embeddings at once. The similarity is the cosine if the embeddings have length 1; this function
 * does not normalise.
 */
public final class TripletLoss {
    private static final String NEGATIVES_NEEDED =
            "images and texts must be at least 2 pairs, since the negatives come from the batch, but are %s";

    private TripletLoss() {}

    /** Which negatives count. */
    public enum Negatives {
        /** All of them, added. */
        ALL,
        /** The most similar one alone. Where several are exactly as similar, they share its gradient evenly. */
        HARDEST
    }

    /**
     * How the loss is formed.
     *
     * @param margin by how much a pair should be more similar than its negatives; positive
     * @param negatives which negatives count
     */
    public record Options(double margin, Negatives negatives) {
        /** Checks. */
        public Options {
            Check.argument(
                    margin > 0 && margin < Double.POSITIVE_INFINITY,
                    "margin must be positive and finite, but is %s",
                    margin);
        }

        /** Margin 0.2 and the hardest negative, as published. */
        public static Options defaults() {
            return new Options(0.2, Negatives.HARDEST);
        }

        /** With another margin. */
        public Options withMargin(double newMargin) {
            return new Options(newMargin, negatives);
        }

        /** With other negatives, such as those of a {@link NegativesRamp} at an epoch. */
        public Options withNegatives(Negatives newNegatives) {
            return new Options(margin, newNegatives);
        }
    }

    /**
     * The ramp of the negatives over a training: all of them in the first epochs, since the hardest one of random embeddings
     * drives them into one point, and then the hardest.
     *
     * @param epochsOfAll number of epochs with all negatives; 0 or more
     */
    public record NegativesRamp(int epochsOfAll) {
        /** Checks. */
        public NegativesRamp {
            Check.argument(epochsOfAll >= 0, "epochsOfAll must be 0 or more, but is %s", epochsOfAll);
        }

        /** One epoch of all negatives, as published. */
        public static NegativesRamp published() {
            return new NegativesRamp(1);
        }

        /**
         * Which negatives count in an epoch.
         *
         * @param epoch counted from 0
         */
        public Negatives at(int epoch) {
            Check.argument(epoch >= 0, "epoch must be 0 or more, but is %s", epoch);
            return epoch < epochsOfAll ? Negatives.ALL : Negatives.HARDEST;
        }
    }

    /**
     * Value and gradients.
     *
     * @param value the batch's sum
     * @param gradImages [pairs, embed], {@code weight} times the value's gradient; in the scratch arena, in the caller's
     *     scope
     * @param gradTexts [pairs, embed], the same for the texts
     */
    public record Result(double value, INDArray gradImages, INDArray gradTexts) {}

    /**
     * Computes both.
     *
     * @param images [pairs, embed], not modified
     * @param texts [pairs, embed], row i belongs to image i; not modified
     * @param weight factor of the gradients
     * @throws IllegalArgumentException if there is one pair only, which has no negatives
     */
    public static Result of(Memory memory, INDArray images, INDArray texts, Options options, double weight) {
        Check.shape("images", images, Check.ANY, Check.ANY);
        Check.shape("texts", texts, images.shape());
        Check.argument(images.size(0) >= 2, NEGATIVES_NEEDED, images.size(0));
        INDArray gradImages = memory.scratch().array(images.shape());
        INDArray gradTexts = memory.scratch().array(images.shape());
        Ops ops = memory.ops();
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray gradient = memory.scratch().array(images.size(0), images.size(0));
            double value = oneWay(memory, images, texts, options, weight, gradient);
            ops.product(gradient, texts, gradImages);
            ops.product(gradient, images, gradTexts, true, false, 1, 0);
            value += oneWay(memory, texts, images, options, weight, gradient);
            ops.product(gradient, images, gradTexts, false, false, 1, 1);
            ops.product(gradient, texts, gradImages, true, false, 1, 1);
            return new Result(value, gradImages, gradTexts);
        }
    }

    /** The loss of queries among candidates, and its gradient [pairs, pairs] with respect to {@code q_i . c_j}. */
    private static double oneWay(
            Memory memory, INDArray queries, INDArray candidates, Options options, double weight, INDArray gradient) {
        Ops ops = memory.ops();
        long pairs = queries.size(0);
        INDArray identity = ops.identity(pairs);
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray costs = memory.scratch().array(pairs, pairs);
            INDArray diagonal = memory.scratch().array(pairs, pairs);
            INDArray column = memory.scratch().array(pairs, 1);
            ops.product(queries, candidates, costs, false, true, 1, 0);
            ops.multiply(costs, identity, diagonal);
            ops.sumRows(diagonal, column);
            ops.subtract(costs, column, costs);
            ops.add(costs, options.margin, costs);
            ops.multiply(costs, identity, diagonal);
            ops.subtract(costs, diagonal, costs);
            ops.relu(costs, costs);

            double value = chosen(memory, costs, options.negatives, gradient);
            ops.scale(gradient, weight, gradient);
            ops.sumRows(gradient, column);
            ops.multiply(identity, column, diagonal);
            ops.subtract(gradient, diagonal, gradient);
            return value;
        }
    }

    /** The sum of the costs that count, and how much of each counts [pairs, pairs]. */
    private static double chosen(Memory memory, INDArray costs, Negatives negatives, INDArray shares) {
        Ops ops = memory.ops();
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray ones = memory.scratch().array(costs.shape());
            ops.zero(ones);
            ops.add(ones, 1, ones);
            if (negatives == Negatives.ALL) {
                ops.reluGradient(costs, ones, shares);
                return Sums.of(memory, costs);
            }
            INDArray below = memory.scratch().array(costs.shape());
            INDArray largest = memory.scratch().array(costs.size(0), 1);
            INDArray count = memory.scratch().array(costs.size(0), 1);
            ops.maximumRows(costs, largest);
            ops.subtract(largest, costs, below);
            ops.reluGradient(below, ones, below);
            ops.subtract(ones, below, below); // 1 for the largest of a row, else 0
            ops.reluGradient(costs, below, shares);
            ops.sumRows(shares, count);
            ops.maximum(count, 1, count);
            ops.divide(shares, count, shares);
            return Sums.of(memory, largest);
        }
    }
}
