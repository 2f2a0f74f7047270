package io.github.sherl4j.adapter;

import io.github.sherl4j.layer.Linear;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.nd.Ops;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * How much a guide g asks for each of K vectors h: {@code score_k = w . (h_k * g) + b}, at each of P positions; and the
 * weights that come of it by the L1 norm.
 */
final class GuidedScore {
    private final Parameter weight;
    private final Parameter bias;

    /** @param linear to one number, with bias */
    GuidedScore(Linear linear) {
        this.weight = linear.parameters().get(0);
        this.bias = linear.parameters().get(1);
    }

    /**
     * Computes scores.
     *
     * @param vectors [P, K, h], any strides
     * @param guide [P, h]
     * @param scores [P, K], overwritten
     */
    void compute(Memory memory, INDArray vectors, INDArray guide, INDArray scores) {
        Ops ops = memory.ops();
        long positions = vectors.size(0);
        long count = vectors.size(1);
        long width = vectors.size(2);
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray weightedGuide = memory.scratch().array(positions, width);
            ops.multiply(guide, weight.value(), weightedGuide);
            ops.product(
                    vectors,
                    memory.reshape(weightedGuide, positions, width, 1),
                    memory.reshape(scores, positions, count, 1));
            ops.add(scores, bias.value(), scores);
        }
    }

    /**
     * Adds the gradients of parameters, vectors and guide.
     *
     * @param gradScores [P, K], not modified
     * @param gradVectors [P, K, h], any strides, added to
     * @param gradGuide [P, h], added to
     */
    void addGradients(
            Memory memory,
            INDArray vectors,
            INDArray guide,
            INDArray gradScores,
            INDArray gradVectors,
            INDArray gradGuide) {
        Ops ops = memory.ops();
        long positions = vectors.size(0);
        long count = vectors.size(1);
        long width = vectors.size(2);
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray weightedGuide = memory.scratch().array(positions, width);
            INDArray gradWeightedGuide = memory.scratch().array(positions, width);
            ops.multiply(guide, weight.value(), weightedGuide);
            ops.product(
                    memory.reshape(gradScores, positions, count, 1),
                    memory.reshape(weightedGuide, positions, 1, width),
                    gradVectors,
                    false,
                    false,
                    1,
                    1);
            ops.product(
                    memory.reshape(gradScores, positions, 1, count),
                    vectors,
                    memory.reshape(gradWeightedGuide, positions, 1, width));
            addParameterGradients(memory, gradScores, gradWeightedGuide, guide);
            ops.multiply(gradWeightedGuide, weight.value(), gradWeightedGuide);
            ops.add(gradGuide, gradWeightedGuide, gradGuide);
        }
    }

    private void addParameterGradients(Memory memory, INDArray gradScores, INDArray gradWeightedGuide, INDArray guide) {
        Ops ops = memory.ops();
        try (Arena.Scope scope = memory.scratch().scope()) {
            if (weight.trainable()) {
                INDArray product = memory.scratch().array(guide.shape());
                ops.multiply(gradWeightedGuide, guide, product);
                ops.sumColumns(product, memory.reshape(weight.gradient(), guide.size(1), 1), 1);
            }
            if (bias.trainable()) {
                INDArray sum = memory.reshape(bias.gradient(), 1, 1);
                ops.sumColumns(memory.reshape(gradScores, gradScores.length(), 1), sum, 1);
            }
        }
    }

    /**
     * {@code weights / (sum(weights) + eps)} for each position, in place. Where all are 0 they stay so.
     *
     * @param weights [P, K], 0 or more
     * @param sums [P, 1], overwritten with the divisors
     */
    static void normalize(Memory memory, INDArray weights, INDArray sums, double eps) {
        Ops ops = memory.ops();
        ops.sumRows(weights, sums);
        ops.add(sums, eps, sums);
        ops.divide(weights, sums, weights);
    }

    /**
     * {@code gradWeights = (gradWeights - sum_k gradWeights_k a_k) / sum}, in place. Where one weight is almost 1 the
     * difference is almost 0, so it is taken of what is left of the gradients without their mean m, and {@code m eps / sum},
     * the part of m that the eps leaves, is added by itself.
     *
     * @param weights [P, K], the normalised weights a
     * @param sums [P, 1], the divisors
     */
    static void normalizationGradient(
            Memory memory, INDArray weights, INDArray sums, double eps, INDArray gradWeights) {
        Ops ops = memory.ops();
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray product = memory.scratch().array(gradWeights.shape());
            INDArray mean = memory.scratch().array(gradWeights.size(0), 1);
            INDArray rest = memory.scratch().array(gradWeights.size(0), 1);
            ops.multiply(gradWeights, weights, product);
            ops.sumRows(product, mean);
            ops.subtract(gradWeights, mean, gradWeights);
            ops.multiply(gradWeights, weights, product);
            ops.sumRows(product, rest);
            ops.multiply(mean, eps, mean);
            ops.divide(mean, sums, mean);
            ops.subtract(mean, rest, mean);
            ops.add(gradWeights, mean, gradWeights);
            ops.divide(gradWeights, sums, gradWeights);
        }
    }

    List<Parameter> parameters() {
        return List.of(weight, bias);
    }
}
