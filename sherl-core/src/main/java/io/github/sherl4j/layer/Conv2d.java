package io.github.sherl4j.layer;

import io.github.sherl4j.nd.Check;
import io.github.sherl4j.nd.Convolution;
import io.github.sherl4j.nd.GroupedConvolution;
import io.github.sherl4j.nd.Memory;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Convolution of pictures, channels last: [batch, height, width, in] to [batch, rows, columns, out]. With a frozen weight it
 * keeps nothing.
 */
public final class Conv2d implements Layer {
    private final Parameter weight;
    private final @Nullable Parameter bias;
    private final Convolution window;
    private final int groups;

    /**
     * A layer over its parameters.
     *
     * @param weight [out, in / groups, kernel height, kernel width]
     * @param bias [out], or null for none
     * @param stride pixels from one place of the kernel to the next
     * @param padding rows and columns of zeros on each side
     * @param groups how many groups of channels are convolved apart from each other; 1 for all together
     */
    public Conv2d(Parameter weight, @Nullable Parameter bias, int stride, int padding, int groups) {
        Check.shape(weight.name(), weight.value(), Check.ANY, Check.ANY, Check.ANY, Check.ANY);
        long out = weight.value().size(0);
        if (bias != null) {
            Check.shape(bias.name(), bias.value(), out);
        }
        Check.argument(
                groups > 0 && out % groups == 0,
                "groups must divide the %s channels that %s makes, but is %s",
                out,
                weight.name(),
                groups);
        this.weight = weight;
        this.bias = bias;
        this.window = new Convolution(
                (int) weight.value().size(2), (int) weight.value().size(3), stride, padding);
        this.groups = groups;
    }

    @SuppressWarnings("ArrayRecordComponent") // a shape that nobody modifies
    private record Kept(
            Conv2d layer,
            Context context,
            long[] inputShape,
            @Nullable INDArray input) implements LayerStep {
        @Override
        public INDArray backward(INDArray gradOutput) {
            Memory memory = context.memory();
            layer.addGradients(memory, input, gradOutput);
            INDArray gradInput = memory.scratch().array(inputShape);
            layer.inputGradient(memory, gradOutput, gradInput);
            return gradInput;
        }
    }

    @Override
    public void infer(INDArray input, Context context, INDArray result) {
        Check.shape("result of " + weight.name(), result, outputShape(input.shape()));
        Memory memory = context.memory();
        INDArray shift = bias == null ? null : bias.value();
        if (groups == 1) {
            window.forward(memory, input, weight.value(), shift, result);
        } else {
            grouped().forward(memory, input, weight.value(), shift, result);
        }
    }

    /** As the interface says. The step's backward pass does not modify its argument, and keeps the input if the weight is trainable. */
    @Override
    public LayerStep forward(INDArray input, Context context, INDArray result) {
        infer(input, context, result);
        return new Kept(this, context, input.shape().clone(), weight.trainable() ? input : null);
    }

    /**
     * Adds the gradients of trainable parameters.
     *
     * @param input [batch, height, width, in] of the forward pass; may be null if the weight is frozen
     * @param gradOutput [batch, rows, columns, out], not modified
     */
    public void addGradients(Memory memory, @Nullable INDArray input, INDArray gradOutput) {
        if (weight.trainable()) {
            INDArray x = Objects.requireNonNull(input, "input");
            if (groups == 1) {
                window.weightGradient(memory, x, gradOutput, weight.gradient());
            } else {
                grouped().weightGradient(memory, x, gradOutput, weight.gradient());
            }
        }
        if (bias != null && bias.trainable()) {
            INDArray column = memory.reshape(bias.gradient(), bias.gradient().length(), 1);
            memory.ops().sumColumns(memory.rows(gradOutput), column, 1);
        }
    }

    /**
     * The gradient with respect to the input.
     *
     * @param gradOutput [batch, rows, columns, out], not modified
     * @param gradInput [batch, height, width, in], overwritten
     */
    public void inputGradient(Memory memory, INDArray gradOutput, INDArray gradInput) {
        if (groups == 1) {
            window.inputGradient(memory, gradOutput, weight.value(), gradInput);
        } else {
            grouped().inputGradient(memory, gradOutput, weight.value(), gradInput);
        }
    }

    private GroupedConvolution grouped() {
        return new GroupedConvolution(window, groups);
    }

    @Override
    public long[] outputShape(long... inputShape) {
        long[] shape = window.outputShape(inputShape, weight.value().size(0));
        long in = weight.value().size(1) * groups;
        Check.argument(
                inputShape[3] == in, "input of %s must have %s channels, but has %s", weight.name(), in, inputShape[3]);
        return shape;
    }

    @Override
    public List<Parameter> parameters() {
        return Stream.of(weight, bias).filter(p -> p != null).toList();
    }
}
