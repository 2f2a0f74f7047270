package io.github.sherl4j.backbone.dl4j;

import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.nd.Ops;
import org.deeplearning4j.nn.layers.BaseLayer;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A dense layer, {@code activation(x W + b)}: x [batch, in], W [in, out]. No gradients of W and b are computed. */
final class DenseNode extends LayerNode {
    private final INDArray weight;
    private final @Nullable INDArray bias;
    private final Slope slope;

    DenseNode(String name, String input, BaseLayer<?> layer, IActivation activation) {
        super(name, input, layer);
        this.weight = layer.getParam(DefaultParamInitializer.WEIGHT_KEY);
        this.bias = layer.hasBias() ? layer.getParam(DefaultParamInitializer.BIAS_KEY) : null;
        this.slope = new Slope(activation);
    }

    @Override
    INDArray infer(Visit visit, Place place) {
        INDArray result = place.array(visit.input().size(0), weight.size(1));
        argument(visit.memory(), visit.input(), result);
        slope.apply(visit.memory(), result);
        applyMask(visit.memory(), visit.masks().get(0), result);
        return result;
    }

    private void argument(Memory memory, INDArray input, INDArray result) {
        Ops ops = memory.ops();
        ops.product(input, weight, result);
        if (bias != null) {
            ops.add(result, bias, result);
        }
    }

    /** Rows of padding, as a time series has them, are zero. */
    private static void applyMask(Memory memory, Masked masked, INDArray rows) {
        INDArray mask = masked.mask();
        if (mask != null) {
            try (Arena.Scope scope = memory.scratch().scope()) {
                INDArray column = memory.scratch().array(rows.size(0), 1);
                LayerScratch.run(
                        () -> mask.reshape(rows.size(0), 1), m -> memory.ops().copy(m, column));
                memory.ops().multiply(rows, column, rows);
            }
        }
    }

    @Override
    boolean keepsInputs() {
        return slope.needsArgument();
    }

    @Override
    boolean keepsResult() {
        return slope.needsResult();
    }

    @Override
    void backward(KeptVisit kept, INDArray gradOutput, InputGradients gradients) {
        Memory memory = kept.memory();
        applyMask(memory, kept.masks().get(0), gradOutput);
        try (Arena.Scope scope = memory.scratch().scope()) {
            if (slope.needsArgument()) {
                INDArray argument = memory.scratch().array(gradOutput.shape());
                argument(memory, kept.inputs().get(0), argument);
                slope.backward(memory, argument, gradOutput);
            } else if (slope.needsResult()) {
                slope.backward(memory, kept.keptResult(), gradOutput);
            }
        }
        INDArray gradInput = gradients.array(0);
        memory.ops().product(gradOutput, weight, gradInput, false, true, 1, 0);
        gradients.filled(0, gradInput);
    }
}
