package io.github.sherl4j.backbone.resnet;

import io.github.sherl4j.layer.BatchNorm;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.Conv2d;
import io.github.sherl4j.layer.Layer;
import io.github.sherl4j.layer.LayerStep;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.nd.Ops;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A convolution, its batch norm unless that is folded into the convolution, and a ReLU if asked for. */
final class ConvNorm implements Layer {
    private final Conv2d convolution;
    private final @Nullable BatchNorm norm;
    private final boolean relu;

    ConvNorm(Conv2d convolution, @Nullable BatchNorm norm, boolean relu) {
        this.convolution = convolution;
        this.norm = norm;
        this.relu = relu;
    }

    /**
     * What a forward pass keeps.
     *
     * @param input only where the convolution is trainable
     * @param activation the result, whose positive numbers let gradients through; only with a ReLU
     */
    record Kept(
            ConvNorm layer,
            Context context,
            List<Long> inputShape,
            @Nullable INDArray input,
            @Nullable LayerStep norm,
            @Nullable INDArray activation)
            implements LayerStep {
        @Override
        public INDArray backward(INDArray gradOutput) {
            INDArray gradInput = gradInputArray();
            backward(gradOutput, gradInput);
            return gradInput;
        }

        /** A new array in the scratch arena for the gradient of the input. */
        INDArray gradInputArray() {
            return context.memory()
                    .scratch()
                    .array(inputShape.stream().mapToLong(Long::longValue).toArray());
        }

        /** Into an array: gradOutput is overwritten, with other numbers, if there is a norm or a ReLU. */
        void backward(INDArray gradOutput, INDArray gradInput) {
            layer.convolution.inputGradient(context.memory(), backwardToParameters(gradOutput), gradInput);
        }

        /** Adds the gradients of parameters, and returns that of the convolution's result. */
        INDArray backwardToParameters(INDArray gradOutput) {
            Memory memory = context.memory();
            if (activation != null) {
                memory.ops().reluGradient(activation, gradOutput, gradOutput);
            }
            INDArray gradient = norm == null ? gradOutput : norm.backward(gradOutput);
            layer.convolution.addGradients(memory, input, gradient);
            return gradient;
        }
    }

    /** Whether a backward pass overwrites its argument even without a ReLU. */
    boolean hasNorm() {
        return norm != null;
    }

    @Override
    public void infer(INDArray input, Context context, INDArray result) {
        Ops ops = context.memory().ops();
        convolution.infer(input, context, result);
        if (norm != null) {
            norm.infer(result, context, result);
        }
        if (relu) {
            ops.relu(result, result);
        }
    }

    /**
     * As the interface says. With a ReLU the result is kept, and has to live as long as the step. The step's backward pass
     * overwrites its argument.
     */
    @Override
    public Kept forward(INDArray input, Context context, INDArray result) {
        Memory memory = context.memory();
        INDArray raw = normKeepsInput() ? memory.step().array(result.shape()) : result;
        convolution.infer(input, context, raw);
        LayerStep normStep = norm == null ? null : norm.forward(raw, context, result);
        if (relu) {
            memory.ops().relu(result, result);
        }
        boolean keepsInput = convolution.parameters().get(0).trainable();
        return new Kept(
                this,
                context,
                Arrays.stream(input.shape()).boxed().toList(),
                keepsInput ? input : null,
                normStep,
                relu ? result : null);
    }

    /** On running statistics a trainable scale needs the numbers before the norm; else the norm works in place. */
    private boolean normKeepsInput() {
        return norm != null
                && norm.statistics() == BatchNorm.Statistics.RUNNING
                && norm.parameters().stream().anyMatch(Parameter::trainable);
    }

    void statistics(BatchNorm.Statistics statistics) {
        if (norm != null) {
            norm.statistics(statistics);
        }
    }

    @Override
    public long[] outputShape(long... inputShape) {
        return convolution.outputShape(inputShape);
    }

    @Override
    public List<Parameter> parameters() {
        List<Parameter> parameters = new ArrayList<>(convolution.parameters());
        if (norm != null) {
            parameters.addAll(norm.parameters());
        }
        return parameters;
    }

    @Override
    public List<Parameter> buffers() {
        return norm == null ? List.of() : norm.buffers();
    }
}
