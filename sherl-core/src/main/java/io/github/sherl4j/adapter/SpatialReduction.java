package io.github.sherl4j.adapter;

import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.nd.Ops;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * One state for each example out of the states of its tokens, weighed by a guide g from outside:
 *
 * <pre>
 * y_t = linear(relu(f_t))
 * w_t = relu(score(y_t, g) * mask_t), divided by the sum over t plus eps
 * h   = sum_t w_t y_t + c y_base                   c = sigmoid(layer gate / temperature), or 1 without gates
 * </pre>
 *
 * <p>Where no token is asked for, all being masked for instance, the weights are 0 and the base token stands alone.
 */
final class SpatialReduction implements Reduction {
    private final int index;
    private final ReluLinear linear;
    private final GuidedScore score;
    private final @Nullable Parameter gates;
    private final double eps;
    private final double temperature;

    /** @param gates [taps], shared by all layers, of which this one's number counts; null for none */
    SpatialReduction(
            int index,
            ReluLinear linear,
            GuidedScore score,
            @Nullable Parameter gates,
            double eps,
            double temperature) {
        this.index = index;
        this.linear = linear;
        this.score = score;
        this.gates = gates;
        this.eps = eps;
        this.temperature = temperature;
    }

    /**
     * What the backward pass needs.
     *
     * @param state [batch, tokens, state's width]
     * @param vectors [batch, tokens, width], y
     * @param scores [batch, tokens], masked, before relu
     * @param sums [batch, 1], sums of the weights before they are normalised, plus eps
     * @param weights [batch, tokens], w
     * @param base [batch, tokens], shared by all layers
     * @param openness [taps], shared by all layers, or null
     */
    private record Kept(
            SpatialReduction layer,
            Context context,
            INDArray state,
            INDArray vectors,
            INDArray scores,
            INDArray sums,
            INDArray weights,
            INDArray base,
            @Nullable INDArray openness)
            implements Reduction.Kept {
        @Override
        public void backward(INDArray reduced, INDArray gradReduced, @Nullable StateGradient wanted) {
            layer.backward(this, reduced, gradReduced, wanted);
        }
    }

    @Override
    public void infer(Tapped tapped, Context context, INDArray reduced) {
        try (Arena.Scope scope = context.memory().scratch().scope()) {
            compute(tapped, context, reduced, context.memory().scratch());
        }
    }

    @Override
    public Reduction.Kept forward(Tapped tapped, Context context, INDArray reduced) {
        return compute(tapped, context, reduced, context.memory().step());
    }

    private Kept compute(Tapped tapped, Context context, INDArray reduced, Arena lifetime) {
        Memory memory = context.memory();
        Ops ops = memory.ops();
        INDArray state = tapped.states().get(index);
        long batch = state.size(0);
        long tokens = state.size(1);
        long width = reduced.size(2);
        Kept kept = new Kept(
                this,
                context,
                state,
                lifetime.array(batch, tokens, width),
                lifetime.array(batch, tokens),
                lifetime.array(batch, 1),
                lifetime.array(batch, tokens),
                Objects.requireNonNull(tapped.base(), "base"),
                tapped.openness());
        linear.compute(memory.rows(state), context, memory.rows(kept.vectors));
        score.compute(memory, kept.vectors, guide(memory, reduced), kept.scores);
        if (tapped.mask() != null) {
            ops.multiply(kept.scores, tapped.mask(), kept.scores);
        }
        ops.relu(kept.scores, kept.weights);
        GuidedScore.normalize(memory, kept.weights, kept.sums, eps);
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray shares = shares(memory, kept); // [batch, tokens]
            INDArray result = Reduction.slice(memory, reduced, index);
            ops.product(
                    memory.reshape(shares, batch, 1, tokens), kept.vectors, memory.reshape(result, batch, 1, width));
        }
        return kept;
    }

    /** {@code w + c base}, in the scratch arena. */
    private INDArray shares(Memory memory, Kept kept) {
        INDArray shares = memory.scratch().array(kept.weights.shape());
        if (kept.openness == null) {
            memory.ops().add(kept.weights, kept.base, shares);
        } else {
            memory.ops().multiply(kept.base, memory.slices(kept.openness, index, index + 1), shares);
            memory.ops().add(shares, kept.weights, shares);
        }
        return shares;
    }

    private void backward(Kept kept, INDArray reduced, INDArray gradReduced, @Nullable StateGradient wanted) {
        Memory memory = kept.context.memory();
        Ops ops = memory.ops();
        long batch = kept.vectors.size(0);
        long tokens = kept.vectors.size(1);
        long width = kept.vectors.size(2);
        INDArray gradResult = Reduction.slice(memory, gradReduced, index); // [batch, width]
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray gradVectors = memory.scratch().array(kept.vectors.shape());
            INDArray gradShares = memory.scratch().array(batch, tokens);
            INDArray shares = shares(memory, kept);
            ops.product(
                    kept.vectors,
                    memory.reshape(gradResult, batch, width, 1),
                    memory.reshape(gradShares, batch, tokens, 1));
            ops.product(
                    memory.reshape(shares, batch, tokens, 1), memory.reshape(gradResult, batch, 1, width), gradVectors);
            addGateGradient(memory, kept, gradShares);

            GuidedScore.normalizationGradient(memory, kept.weights, kept.sums, eps, gradShares);
            ops.reluGradient(kept.scores, gradShares, gradShares); // masked scores are 0, and so are their gradients
            score.addGradients(
                    memory, kept.vectors, guide(memory, reduced), gradShares, gradVectors, guide(memory, gradReduced));
            linear.addGradients(
                    memory,
                    memory.rows(kept.state),
                    memory.rows(gradVectors),
                    wanted == null ? null : memory.rows(wanted.gradient()));
        }
    }

    /** {@code gate.gradient += sum(gradShares base) c (1 - c) / temperature}. */
    private void addGateGradient(Memory memory, Kept kept, INDArray gradShares) {
        if (gates == null || kept.openness == null || !gates.trainable()) {
            return;
        }
        Ops ops = memory.ops();
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray product = memory.scratch().array(gradShares.shape());
            INDArray sum = memory.scratch().array(1, 1);
            INDArray slope = memory.scratch().array(1);
            INDArray openness = memory.slices(kept.openness, index, index + 1);
            INDArray gradient = memory.slices(gates.gradient(), index, index + 1);
            ops.multiply(gradShares, kept.base, product);
            ops.sumRows(memory.reshape(product, 1, product.length()), sum);
            ops.multiply(openness, -1, slope);
            ops.add(slope, 1, slope);
            ops.multiply(slope, openness, slope);
            ops.multiply(slope, 1 / temperature, slope);
            ops.multiply(slope, memory.reshape(sum, 1), slope);
            ops.add(gradient, slope, gradient);
        }
    }

    /** The guide's slice, the last. */
    private static INDArray guide(Memory memory, INDArray reduced) {
        return Reduction.slice(memory, reduced, reduced.size(0) - 1);
    }

    @Override
    public boolean keepsState() {
        return true;
    }

    @Override
    public List<Parameter> parameters() {
        return Stream.concat(linear.parameters().stream(), score.parameters().stream())
                .toList();
    }
}
