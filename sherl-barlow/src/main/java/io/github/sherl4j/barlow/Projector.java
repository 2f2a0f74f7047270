package io.github.sherl4j.barlow;

import io.github.sherl4j.layer.BatchNorm;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.Layer;
import io.github.sherl4j.layer.LayerFactory;
import io.github.sherl4j.layer.LayerStep;
import io.github.sherl4j.layer.Linear;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.layer.Step;
import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.Check;
import io.github.sherl4j.nd.Memory;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The projector between an encoder and the loss: linear without bias, batch norm, relu, as often as there are hidden widths,
 * then linear without bias. Maps [..., in] to [..., out]; the published one is 2048-8192-8192-8192.
 *
 * <p>Each view goes through it in a forward pass of its own, so that batch statistics are per view, and running statistics
 * move twice a step, by the first view first.
 */
public final class Projector implements Layer {
    private static final double EPS = 1e-5;
    private static final int LAYERS_PER_BLOCK = 3;

    private final List<Linear> linears;
    private final List<BatchNorm> norms;

    /**
     * A projector over its layers.
     *
     * @param linears without biases, one more than norms, the width of each fitting the next
     * @param norms behind all linear layers but the last
     */
    public Projector(List<Linear> linears, List<BatchNorm> norms) {
        Check.argument(
                linears.size() == norms.size() + 1,
                "linears must be one more than norms, which are %s, but are %s",
                norms.size(),
                linears.size());
        for (int i = 0; i < linears.size(); i++) {
            Parameter weight = weight(linears.get(i));
            Check.argument(linears.get(i).parameters().size() == 1, "%s must have no bias, but has one", weight.name());
            if (i > 0) {
                long width = weight(linears.get(i - 1)).value().size(0);
                Check.shape(weight.name(), weight.value(), Check.ANY, width);
                Parameter mean = norms.get(i - 1).buffers().get(0);
                Check.shape(mean.name(), mean.value(), width);
            }
        }
        this.linears = List.copyOf(linears);
        this.norms = List.copyOf(norms);
    }

    /**
     * A new projector on batch statistics, its layers named and numbered as in a chain with the relus: {@code name.0.weight},
     * {@code name.1.weight}, {@code name.1.bias}, {@code name.3.weight}.
     *
     * @param widths of the input, then behind each linear layer: at least two, positive
     */
    public static Projector create(String name, LayerFactory factory, long... widths) {
        Check.argument(widths.length > 1, "widths must be at least 2, but are %s", widths.length);
        for (long width : widths) {
            Check.argument(width > 0, "widths must be positive, but one is %s", width);
        }
        List<Linear> linears = new ArrayList<>();
        List<BatchNorm> norms = new ArrayList<>();
        for (int i = 0; i + 1 < widths.length; i++) {
            int number = LAYERS_PER_BLOCK * i;
            linears.add(factory.projection(name + "." + number, widths[i], widths[i + 1]));
            if (i + 2 < widths.length) {
                norms.add(factory.batchNorm(name + "." + (number + 1), widths[i + 1], EPS));
            }
        }
        return new Projector(linears, norms);
    }

    /** Sets which statistics forward passes take from now on. */
    public void statistics(BatchNorm.Statistics statistics) {
        norms.forEach(norm -> norm.statistics(statistics));
    }

    /** One hidden layer: the norm's step, and the state behind the relu [rows, width], which the next weight needs. */
    private record Block(LayerStep norm, INDArray output) implements Step {}

    /** The blocks, and the input if the first weight is trainable. */
    private record Kept(
            Projector projector, Context context, @Nullable INDArray input, List<Block> blocks) implements LayerStep {
        @Override
        public INDArray backward(INDArray gradOutput) {
            long[] shape = gradOutput.shape().clone();
            shape[shape.length - 1] = weight(projector.linears.get(0)).value().size(1);
            INDArray gradInput = context.memory().scratch().array(shape);
            projector.backward(context.memory(), this, gradOutput, gradInput);
            return gradInput;
        }
    }

    @Override
    public void infer(INDArray input, Context context, INDArray result) {
        Memory memory = context.memory();
        try (Arena.Scope scope = memory.scratch().scope()) {
            Buffers buffers = new Buffers(memory, memory.rows(input).size(0));
            INDArray state = memory.rows(input);
            for (int i = 0; i < norms.size(); i++) {
                INDArray next = buffers.take(width(i));
                linears.get(i).infer(state, context, next);
                norms.get(i).infer(next, context, next);
                memory.ops().relu(next, next);
                state = next;
            }
            linears.get(norms.size()).infer(state, context, memory.rows(result));
        }
    }

    /** As the interface says. The step's backward pass does not modify its argument. */
    @Override
    public LayerStep forward(INDArray input, Context context, INDArray result) {
        Memory memory = context.memory();
        List<Block> blocks = new ArrayList<>();
        INDArray state = memory.rows(input);
        long rows = state.size(0);
        for (int i = 0; i < norms.size(); i++) {
            BatchNorm norm = norms.get(i);
            INDArray output = memory.step().array(rows, width(i));
            try (Arena.Scope scope = memory.scratch().scope()) {
                Arena lifetime = norm.keepsInput() ? memory.step() : memory.scratch();
                INDArray before = lifetime.array(rows, width(i));
                linears.get(i).infer(state, context, before);
                blocks.add(new Block(norm.forward(before, context, output), output));
                memory.ops().relu(output, output);
            }
            state = output;
        }
        linears.get(norms.size()).infer(state, context, memory.rows(result));
        boolean keepsInput = weight(linears.get(0)).trainable();
        return new Kept(this, context, keepsInput ? input : null, blocks);
    }

    private void backward(Memory memory, Kept kept, INDArray gradOutput, INDArray gradInput) {
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray gradient = memory.rows(gradOutput);
            Buffers buffers = new Buffers(memory, gradient.size(0));
            for (int i = norms.size(); i > 0; i--) {
                Block block = kept.blocks.get(i - 1);
                INDArray next = buffers.take(width(i - 1));
                linears.get(i).addGradients(memory, block.output, gradient);
                linears.get(i).inputGradient(memory, gradient, next, 0);
                memory.ops().reluGradient(block.output, next, next);
                gradient = block.norm.backward(next);
            }
            linears.get(0).addGradients(memory, kept.input, gradient);
            linears.get(0).inputGradient(memory, gradient, gradInput, 0);
        }
    }

    /** Two arrays that hold the states of neighbouring hidden layers in turn. */
    private final class Buffers {
        private final Memory memory;
        private final long rows;
        private final INDArray[] arrays = new INDArray[2];
        private int taken;

        Buffers(Memory memory, long rows) {
            this.memory = memory;
            this.rows = rows;
            for (int i = 0; i < Math.min(2, norms.size()); i++) {
                long widest = 0;
                for (int layer = i; layer < norms.size(); layer += 2) {
                    // The backward pass takes the layers in the other order.
                    widest = Math.max(widest, Math.max(width(layer), width(norms.size() - 1 - layer)));
                }
                arrays[i] = memory.scratch().array(rows * widest);
            }
        }

        INDArray take(long width) {
            INDArray array = arrays[taken % 2];
            taken++;
            return memory.reshape(memory.slices(array, 0, rows * width), rows, width);
        }
    }

    /** Width behind a linear layer. */
    private long width(int layer) {
        return weight(linears.get(layer)).value().size(0);
    }

    private static Parameter weight(Linear linear) {
        return linear.parameters().get(0);
    }

    @Override
    public long[] outputShape(long... inputShape) {
        return linears.get(norms.size()).outputShape(inputShape);
    }

    /** Layer by layer. */
    @Override
    public List<Parameter> parameters() {
        return chain().flatMap(layer -> layer.parameters().stream()).toList();
    }

    /** The norms' running statistics, layer by layer. */
    @Override
    public List<Parameter> buffers() {
        return chain().flatMap(layer -> layer.buffers().stream()).toList();
    }

    private Stream<Layer> chain() {
        List<Layer> chain = new ArrayList<>();
        for (int i = 0; i < linears.size(); i++) {
            chain.add(linears.get(i));
            if (i < norms.size()) {
                chain.add(norms.get(i));
            }
        }
        return chain.stream();
    }
}
