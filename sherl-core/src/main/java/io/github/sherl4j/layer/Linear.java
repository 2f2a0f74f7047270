package io.github.sherl4j.layer;

import io.github.sherl4j.nd.Check;
import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.nd.Ops;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/** {@code y = x W^T + b} for each row: x [..., in], W [out, in], b [out], y [..., out]. */
public final class Linear implements Layer {
    private final Parameter weight;
    private final @Nullable Parameter bias;

    /**
     * A layer over its parameters.
     *
     * @param weight [out, in]
     * @param bias [out], or null for none
     */
    public Linear(Parameter weight, @Nullable Parameter bias) {
        Check.shape(weight.name(), weight.value(), Check.ANY, Check.ANY);
        if (bias != null) {
            Check.shape(bias.name(), bias.value(), weight.value().size(0));
        }
        this.weight = weight;
        this.bias = bias;
    }

    private record Kept(
            Linear layer, Context context, @Nullable INDArray input) implements LayerStep {
        @Override
        public INDArray backward(INDArray gradOutput) {
            Memory memory = context.memory();
            layer.addGradients(memory, input, gradOutput);
            long[] shape = gradOutput.shape().clone();
            shape[shape.length - 1] = layer.weight.value().size(1);
            INDArray gradInput = memory.scratch().array(shape);
            layer.inputGradient(memory, gradOutput, gradInput, 0);
            return gradInput;
        }
    }

    @Override
    public void infer(INDArray input, Context context, INDArray result) {
        Check.width("input of " + weight.name(), input, weight.value().size(1));
        Memory memory = context.memory();
        Ops ops = memory.ops();
        INDArray rows = memory.rows(result);
        ops.product(memory.rows(input), weight.value(), rows, false, true, 1, 0);
        if (bias != null) {
            ops.addRow(rows, bias.value(), rows);
        }
    }

    /** As the interface says. The step's backward pass does not modify its argument, and keeps the input if the weight is trainable. */
    @Override
    public LayerStep forward(INDArray input, Context context, INDArray result) {
        infer(input, context, result);
        return new Kept(this, context, weight.trainable() ? input : null);
    }

    /**
     * Adds the gradients of trainable parameters.
     *
     * @param input [..., in] of the forward pass; may be null if the weight is frozen
     * @param gradOutput [..., out], not modified
     */
    public void addGradients(Memory memory, @Nullable INDArray input, INDArray gradOutput) {
        INDArray rows = memory.rows(gradOutput);
        if (weight.trainable()) {
            INDArray inputRows = memory.rows(Objects.requireNonNull(input, "input"));
            memory.ops().product(rows, inputRows, weight.gradient(), true, false, 1, 1);
        }
        if (bias != null && bias.trainable()) {
            memory.ops()
                    .sumColumns(
                            rows,
                            memory.reshape(bias.gradient(), bias.gradient().length(), 1),
                            1);
        }
    }

    /**
     * {@code gradInput = gradOutput W + keep * gradInput}.
     *
     * @param gradOutput [..., out], not modified
     * @param gradInput [..., in], result
     */
    public void inputGradient(Memory memory, INDArray gradOutput, INDArray gradInput, double keep) {
        memory.ops().product(memory.rows(gradOutput), weight.value(), memory.rows(gradInput), false, false, 1, keep);
    }

    /** Whether the forward pass keeps its input. */
    boolean keepsInput() {
        return weight.trainable();
    }

    @Override
    public long[] outputShape(long... inputShape) {
        long[] shape = inputShape.clone();
        shape[shape.length - 1] = weight.value().size(0);
        return shape;
    }

    @Override
    public List<Parameter> parameters() {
        return Stream.of(weight, bias).filter(p -> p != null).toList();
    }
}
