package io.github.sherl4j.layer;

import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.Check;
import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.nd.Normalization;
import io.github.sherl4j.nd.Ops;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Layer norm (Ba et al. 2016) over the last dimension: {@code y = (x - mean) / sqrt(variance + eps) * scale + shift}. */
public final class LayerNorm implements Layer {
    private final Parameter scale;
    private final Parameter shift;
    private final double eps;

    /**
     * A layer over its parameters.
     *
     * @param scale [width]
     * @param shift [width]
     * @param eps added to the variance
     */
    public LayerNorm(Parameter scale, Parameter shift, double eps) {
        Check.shape(scale.name(), scale.value(), Check.ANY);
        Check.shape(shift.name(), shift.value(), scale.value().length());
        Check.argument(eps > 0, "eps must be positive, but is %s", eps);
        this.scale = scale;
        this.shift = shift;
        this.eps = eps;
    }

    private record Kept(LayerNorm layer, Context context, INDArray normalized, INDArray inverseDeviation)
            implements LayerStep {
        @Override
        public INDArray backward(INDArray gradOutput) {
            Memory memory = context.memory();
            INDArray gradient = memory.rows(gradOutput);
            layer.addGradients(memory, gradient, normalized);
            memory.ops().multiply(gradient, layer.scale.value(), gradient);
            Normalization.gradient(memory, gradient, normalized, inverseDeviation);
            return gradOutput;
        }
    }

    /** As the interface says; the result may be the input itself. */
    @Override
    public void infer(INDArray input, Context context, INDArray result) {
        Memory memory = context.memory();
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray rows = memory.rows(input);
            compute(memory, rows, memory.rows(result), memory.scratch().array(rows.size(0), 1), memory.rows(result));
        }
    }

    /** As the interface says; the result may be the input itself. The step's backward pass overwrites its argument with the result. */
    @Override
    public LayerStep forward(INDArray input, Context context, INDArray result) {
        Memory memory = context.memory();
        INDArray rows = memory.rows(input);
        INDArray normalized = memory.step().array(rows.shape());
        INDArray inverseDeviation = memory.step().array(rows.size(0), 1);
        compute(memory, rows, normalized, inverseDeviation, memory.rows(result));
        return new Kept(this, context, normalized, inverseDeviation);
    }

    private void compute(
            Memory memory, INDArray rows, INDArray normalized, INDArray inverseDeviation, INDArray result) {
        Check.width("input of " + scale.name(), rows, scale.value().length());
        Normalization.standardize(memory, rows, eps, normalized, inverseDeviation);
        Ops ops = memory.ops();
        ops.multiply(normalized, scale.value(), result);
        ops.addRow(result, shift.value(), result);
    }

    private void addGradients(Memory memory, INDArray gradient, INDArray normalized) {
        if (scale.trainable()) {
            try (Arena.Scope scope = memory.scratch().scope()) {
                INDArray product = memory.scratch().array(gradient.shape());
                memory.ops().multiply(gradient, normalized, product);
                memory.ops()
                        .sumColumns(
                                product,
                                memory.reshape(
                                        scale.gradient(), scale.gradient().length(), 1),
                                1);
            }
        }
        if (shift.trainable()) {
            memory.ops()
                    .sumColumns(
                            gradient,
                            memory.reshape(shift.gradient(), shift.gradient().length(), 1),
                            1);
        }
    }

    @Override
    public List<Parameter> parameters() {
        return List.of(scale, shift);
    }
}
