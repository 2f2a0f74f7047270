package io.github.sherl4j.layer;

import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.Check;
import java.util.ArrayList;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Several {@link Residual} layers, one behind the other: a transformer block with its norms before its layers. Of an encoder, those
 * are self-attention and a feed-forward network; of a decoder there is cross-attention between them.
 */
public final class ResidualBlock implements BranchLayer {
    private final List<Residual> parts;

    /** A block of at least one layer. */
    public ResidualBlock(List<Residual> parts) {
        Check.argument(!parts.isEmpty(), "parts must not be empty");
        this.parts = List.copyOf(parts);
    }

    private record Kept(List<LayerStep> parts) implements LayerStep {
        @Override
        public INDArray backward(INDArray gradOutput) {
            INDArray gradient = gradOutput;
            for (int i = parts.size() - 1; i >= 0; i--) {
                gradient = parts.get(i).backward(gradient);
            }
            return gradient;
        }
    }

    /** As the interface says; the result may be the input. */
    @Override
    public void infer(INDArray input, Context context, INDArray result) {
        INDArray state = input;
        for (Residual part : parts) {
            part.infer(state, context, result);
            state = result;
        }
    }

    /** As the interface says; the result may be the input. The step's backward pass overwrites its argument with the result. */
    @Override
    public LayerStep forward(INDArray input, Context context, INDArray result) {
        List<LayerStep> steps = new ArrayList<>();
        INDArray state = input;
        for (Residual part : parts) {
            steps.add(part.forward(state, context, result));
            state = result;
        }
        return new Kept(steps);
    }

    @Override
    public Stepwise stepwise(Arena lifetime, Context context, long batch, long maxTokens) {
        List<Stepwise> steps = parts.stream()
                .map(part -> part.stepwise(lifetime, context, batch, maxTokens))
                .toList();
        return (input, now, result) -> {
            INDArray state = input;
            for (Stepwise step : steps) {
                step.next(state, now, result);
                state = result;
            }
        };
    }

    @Override
    public boolean keepsInput() {
        return false;
    }

    @Override
    public List<Parameter> parameters() {
        return parts.stream().flatMap(part -> part.parameters().stream()).toList();
    }
}
