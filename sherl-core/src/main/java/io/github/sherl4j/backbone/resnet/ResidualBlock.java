package io.github.sherl4j.backbone.resnet;

import io.github.sherl4j.layer.BatchNorm;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.Layer;
import io.github.sherl4j.layer.LayerStep;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.nd.Ops;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A residual block (He et al. 2016): {@code y = relu(main(x) + shortcut(x))}, the shortcut a 1x1 convolution where the shape
 * changes and the identity elsewhere.
 */
final class ResidualBlock implements Layer {
    private final List<ConvNorm> main;
    private final @Nullable ConvNorm shortcut;

    /** A block of its convolutions, all but the last of the main branch with a ReLU. */
    ResidualBlock(List<ConvNorm> main, @Nullable ConvNorm shortcut) {
        this.main = List.copyOf(main);
        this.shortcut = shortcut;
    }

    /** The steps of the convolutions, and the result, whose positive numbers let gradients through. */
    private record Kept(
            Context context, List<ConvNorm.Kept> main, ConvNorm.@Nullable Kept shortcut, boolean norms, INDArray output)
            implements LayerStep {
        @Override
        public INDArray backward(INDArray gradOutput) {
            Memory memory = context.memory();
            Ops ops = memory.ops();
            Arena scratch = memory.scratch();
            ops.reluGradient(output, gradOutput, gradOutput);
            INDArray gradInput = shortcut == null ? gradOutput : shortcut.gradInputArray();
            try (Arena.Scope scope = scratch.scope()) {
                INDArray gradMain = backwardMain(norms ? copy(memory, gradOutput) : gradOutput);
                if (shortcut != null) {
                    shortcut.backward(gradOutput, gradInput);
                }
                ops.add(gradInput, gradMain, gradInput);
            }
            return gradInput;
        }

        private INDArray backwardMain(INDArray gradOutput) {
            INDArray gradient = gradOutput;
            for (int i = main.size() - 1; i >= 0; i--) {
                gradient = main.get(i).backward(gradient);
            }
            return gradient;
        }

        private static INDArray copy(Memory memory, INDArray array) {
            INDArray copy = memory.scratch().array(array.shape());
            memory.ops().copy(array, copy);
            return copy;
        }
    }

    @Override
    public void infer(INDArray input, Context context, INDArray result) {
        Memory memory = context.memory();
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray state = input;
            for (ConvNorm inner : main.subList(0, main.size() - 1)) {
                INDArray next = memory.scratch().array(inner.outputShape(state.shape()));
                inner.infer(state, context, next);
                state = next;
            }
            main.get(main.size() - 1).infer(state, context, result);
        }
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray identity = input;
            if (shortcut != null) {
                identity = memory.scratch().array(result.shape());
                shortcut.infer(input, context, identity);
            }
            close(memory, identity, result);
        }
    }

    /**
     * As the interface says. The result is kept, and has to live as long as the step. The step's backward pass overwrites its
     * argument, and returns it where the shortcut is the identity.
     */
    @Override
    public LayerStep forward(INDArray input, Context context, INDArray result) {
        Memory memory = context.memory();
        List<ConvNorm.Kept> steps = new ArrayList<>();
        INDArray state = input;
        for (int i = 0; i < main.size(); i++) {
            boolean last = i == main.size() - 1;
            INDArray next = last ? result : memory.step().array(main.get(i).outputShape(state.shape()));
            steps.add(main.get(i).forward(state, context, next));
            state = next;
        }
        ConvNorm.Kept shortcutStep = null;
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray identity = input;
            if (shortcut != null) {
                identity = memory.scratch().array(result.shape());
                shortcutStep = shortcut.forward(input, context, identity);
            }
            close(memory, identity, result);
        }
        return new Kept(context, steps, shortcutStep, main.get(0).hasNorm(), result);
    }

    private static void close(Memory memory, INDArray identity, INDArray result) {
        memory.ops().add(result, identity, result);
        memory.ops().relu(result, result);
    }

    void statistics(BatchNorm.Statistics statistics) {
        parts().forEach(part -> part.statistics(statistics));
    }

    @Override
    public long[] outputShape(long... inputShape) {
        long[] shape = inputShape;
        for (ConvNorm part : main) {
            shape = part.outputShape(shape);
        }
        return shape;
    }

    @Override
    public List<Parameter> parameters() {
        return parts().flatMap(part -> part.parameters().stream()).toList();
    }

    @Override
    public List<Parameter> buffers() {
        return parts().flatMap(part -> part.buffers().stream()).toList();
    }

    private Stream<ConvNorm> parts() {
        return shortcut == null ? main.stream() : Stream.concat(main.stream(), Stream.of(shortcut));
    }
}
