package io.github.sherl4j.layer;

import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.Check;
import io.github.sherl4j.nd.Memory;
import java.util.List;
import java.util.OptionalLong;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Inverted dropout (Srivastava et al. 2014): each number is zeroed with a probability, the others are divided by the
 * probability of staying. It keeps no mask: the backward pass draws the same one again from the step's seed.
 */
public final class Dropout implements Layer {
    private final double rate;
    private final long use;

    /**
     * A layer without parameters.
     *
     * @param rate probability of being zeroed, in [0, 1)
     * @param use a number that tells this layer from the model's other users of randomness
     */
    public Dropout(double rate, long use) {
        Check.argument(rate >= 0 && rate < 1, "rate must be in [0, 1), but is %s", rate);
        this.rate = rate;
        this.use = use;
    }

    private record Kept(Dropout layer, Context context) implements LayerStep {
        @Override
        public INDArray backward(INDArray gradOutput) {
            layer.apply(gradOutput, context, gradOutput);
            return gradOutput;
        }
    }

    /** Copies, since nothing is dropped in inference. */
    @Override
    public void infer(INDArray input, Context context, INDArray result) {
        if (result != input) {
            context.memory().ops().copy(input, result);
        }
    }

    /** As the interface says; the result may be the input. The step's backward pass overwrites its argument with the result. */
    @Override
    public LayerStep forward(INDArray input, Context context, INDArray result) {
        apply(input, context, result);
        return new Kept(this, context);
    }

    private void apply(INDArray input, Context context, INDArray result) {
        OptionalLong seed = context.seedFor(use);
        if (seed.isEmpty() || rate == 0) {
            infer(input, context, result);
            return;
        }
        Memory memory = context.memory();
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray mask = memory.scratch().array(input.shape());
            memory.rng().reseed(seed.getAsLong());
            memory.rng().bernoulli(mask, 1 - rate);
            memory.ops().multiply(mask, 1 / (1 - rate), mask);
            memory.ops().multiply(input, mask, result);
        }
    }

    @Override
    public List<Parameter> parameters() {
        return List.of();
    }
}
