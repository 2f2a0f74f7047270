package io.github.sherl4j.adapter;

import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.layer.Step;
import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.Check;
import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.nd.Ops;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The anti-redundant consolidation of reduced states (the paper's equations 3 to 5). Per position, with shallow states
 * h_1..h_K and the guide g:
 *
 * <pre>
 * S_ij  = relu(cos(h_i, h_j))
 * red_i = sum_j S_ij                              how redundant layer i is; 1 or more, since it includes itself
 * a_i   = relu(w . (h_i * g) + b) / red_i
 * a     = a / (sum_i a_i + eps)
 * y     = sum_i a_i h_i
 * </pre>
 *
 * <p>A state that is exactly zero has no direction: its redundancy is 0, and its weight is defined as 0, where the formula
 * would divide 0 by 0. All work on pairs of layers is done on the Gram matrix of each position, [positions, K, K].
 */
final class AntiRedundancy {
    /** Far below any norm that matters, far above what would overflow when divided by. */
    private static final double TINY = 1e-20;

    private final GuidedScore score;
    private final double eps;

    AntiRedundancy(GuidedScore score, double eps) {
        this.score = score;
        this.eps = eps;
    }

    /**
     * What the backward pass needs.
     *
     * @param states [K + 1, positions, width], the reduced states, the guide last
     * @param cosines [positions, K, K]
     * @param norms [positions, K], lengths of the shallow states
     * @param redundancies [positions, K]
     * @param scores [positions, K], before relu
     * @param sums [positions, 1], sums of the weights before they are normalised, plus eps
     * @param weights [positions, K], the layer weights a
     */
    record Kept(
            AntiRedundancy layer,
            Memory memory,
            INDArray states,
            INDArray cosines,
            INDArray norms,
            INDArray redundancies,
            INDArray scores,
            INDArray sums,
            INDArray weights)
            implements Step {}

    /**
     * Consolidates.
     *
     * @param states [K + 1, positions, width], kept, not modified
     * @param result [positions, width], overwritten
     * @param lifetime where what is kept comes from
     */
    Kept forward(Memory memory, INDArray states, INDArray result, Arena lifetime) {
        long shallow = states.size(0) - 1;
        long positions = states.size(1);
        long width = states.size(2);
        Check.shape("result", result, positions, width);
        Ops ops = memory.ops();
        Kept kept = new Kept(
                this,
                memory,
                states,
                lifetime.array(positions, shallow, shallow),
                lifetime.array(positions, shallow),
                lifetime.array(positions, shallow),
                lifetime.array(positions, shallow),
                lifetime.array(positions, 1),
                lifetime.array(positions, shallow));
        INDArray byPosition = byPosition(memory, states); // [positions, K, width]
        try (Arena.Scope scope = memory.scratch().scope()) {
            cosines(kept, byPosition);

            score.compute(memory, byPosition, guide(memory, states), kept.scores);
            ops.relu(kept.scores, kept.weights);
            divideByRedundancy(kept, kept.weights);
            GuidedScore.normalize(memory, kept.weights, kept.sums, eps);

            INDArray sum = memory.reshape(result, positions, 1, width);
            ops.product(memory.reshape(kept.weights, positions, 1, shallow), byPosition, sum);
        }
        return kept;
    }

    /** {@code cos(h_i, h_j)} before relu, from the Gram matrix; and the redundancies. */
    private void cosines(Kept kept, INDArray byPosition) {
        Memory memory = kept.memory;
        Ops ops = memory.ops();
        long positions = byPosition.size(0);
        long shallow = byPosition.size(1);
        INDArray cosines = kept.cosines;
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray scratch = memory.scratch().array(cosines.shape());
            INDArray lengths = memory.scratch().array(positions, shallow);
            ops.product(byPosition, byPosition, cosines, false, true, 1, 0);
            ops.multiply(cosines, ops.identity(shallow), scratch);
            ops.sumRows(memory.rows(scratch), memory.reshape(kept.norms, positions * shallow, 1));
            ops.sqrt(kept.norms, kept.norms);
            ops.add(kept.norms, eps, lengths);
            ops.divide(cosines, memory.reshape(lengths, positions, shallow, 1), cosines);
            ops.divide(cosines, memory.reshape(lengths, positions, 1, shallow), cosines);
            ops.relu(cosines, scratch);
            ops.sumRows(memory.rows(scratch), memory.reshape(kept.redundancies, positions * shallow, 1));
        }
    }

    /**
     * Gradients of everything that went in.
     *
     * @param gradResult [positions, width], not modified
     * @param gradStates [K + 1, positions, width], overwritten with the gradient of the shallow states; that of the guide is
     *     added to what is there
     */
    void backward(Kept kept, INDArray gradResult, INDArray gradStates) {
        Memory memory = kept.memory;
        Ops ops = memory.ops();
        long positions = kept.weights.size(0);
        long shallow = kept.weights.size(1);
        long width = gradResult.size(1);
        INDArray byPosition = byPosition(memory, kept.states);
        INDArray guide = guide(memory, kept.states);
        INDArray gradByPosition = byPosition(memory, gradStates);
        INDArray gradGuide = guide(memory, gradStates);
        try (Arena.Scope scope = memory.scratch().scope()) {
            // y = sum_i a_i h_i, and a normalised by its sum
            INDArray gradWeights = memory.scratch().array(positions, shallow);
            ops.product(
                    byPosition,
                    memory.reshape(gradResult, positions, width, 1),
                    memory.reshape(gradWeights, positions, shallow, 1));
            ops.product(
                    memory.reshape(kept.weights, positions, shallow, 1),
                    memory.reshape(gradResult, positions, 1, width),
                    gradByPosition);
            GuidedScore.normalizationGradient(memory, kept.weights, kept.sums, eps, gradWeights);

            // a_i = relu(score_i) / red_i
            INDArray gradRedundancy = memory.scratch().array(positions, shallow);
            ops.multiply(kept.weights, kept.sums, gradRedundancy);
            ops.multiply(gradRedundancy, gradWeights, gradRedundancy);
            divideByRedundancy(kept, gradRedundancy);
            ops.multiply(gradRedundancy, -1, gradRedundancy);
            divideByRedundancy(kept, gradWeights);
            ops.reluGradient(kept.scores, gradWeights, gradWeights);

            // score_i = w . (h_i * g) + b
            score.addGradients(memory, byPosition, guide, gradWeights, gradByPosition, gradGuide);

            INDArray gradGram = memory.scratch().array(kept.cosines.shape());
            gramGradient(kept, gradRedundancy, gradGram);
            ops.product(gradGram, byPosition, gradByPosition, false, false, 1, 1);
        }
    }

    /**
     * The gradient of the symmetric Gram matrix, written so that its product with the states is theirs. With
     * {@code Q_ij = (gradRed_i + gradRed_j) [cos_ij > 0]} it is {@code Q_ij / (r_i r_j)}, and on the diagonal less
     * {@code sum_j Q_ij cos_ij / (r_i |h_i|)}, the part that goes through the lengths {@code r_i = |h_i| + eps}.
     */
    private void gramGradient(Kept kept, INDArray gradRedundancy, INDArray gradGram) {
        Memory memory = kept.memory;
        Ops ops = memory.ops();
        long positions = kept.weights.size(0);
        long shallow = kept.weights.size(1);
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray product = memory.scratch().array(gradGram.shape());
            INDArray lengths = memory.scratch().array(positions, shallow);
            INDArray throughLengths = memory.scratch().array(positions, shallow);
            ops.add(
                    memory.reshape(gradRedundancy, positions, shallow, 1),
                    memory.reshape(gradRedundancy, positions, 1, shallow),
                    product);
            ops.reluGradient(kept.cosines, product, gradGram);

            ops.multiply(gradGram, kept.cosines, product);
            ops.sumRows(memory.rows(product), memory.reshape(throughLengths, positions * shallow, 1));
            ops.add(kept.norms, eps, lengths);
            ops.divide(throughLengths, lengths, throughLengths);
            ops.divide(gradGram, memory.reshape(lengths, positions, shallow, 1), gradGram);
            ops.divide(gradGram, memory.reshape(lengths, positions, 1, shallow), gradGram);
            ops.maximum(kept.norms, TINY, lengths);
            ops.divide(throughLengths, lengths, throughLengths);

            INDArray diagonal = memory.reshape(throughLengths, positions, shallow, 1);
            ops.multiply(diagonal, ops.identity(shallow), product);
            ops.subtract(gradGram, product, gradGram);
        }
    }

    /** {@code values / red} where red is positive, 0 elsewhere, in place. */
    private static void divideByRedundancy(Kept kept, INDArray values) {
        Memory memory = kept.memory;
        Ops ops = memory.ops();
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray safe = memory.scratch().array(values.shape());
            ops.maximum(kept.redundancies, TINY, safe);
            ops.reluGradient(kept.redundancies, values, values);
            ops.divide(values, safe, values);
        }
    }

    private static INDArray byPosition(Memory memory, INDArray states) {
        return memory.swapFirstTwo(memory.slices(states, 0, states.size(0) - 1));
    }

    private static INDArray guide(Memory memory, INDArray states) {
        INDArray last = memory.slices(states, states.size(0) - 1, states.size(0));
        return memory.reshape(last, states.size(1), states.size(2));
    }

    List<Parameter> parameters() {
        return score.parameters();
    }
}
