package io.github.sherl4j.layer;

import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.Check;
import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.nd.Normalization;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Root mean square norm (Zhang and Sennrich 2019) over the last dimension: {@code y = x / sqrt(mean(x^2) + eps) * scale}. */
public final class RmsNorm implements Layer {
    private final Parameter scale;
    private final double eps;

    /**
     * A layer over its parameter.
     *
     * @param scale [width]
     * @param eps added to the mean of squares
     */
    public RmsNorm(Parameter scale, double eps) {
        Check.shape(scale.name(), scale.value(), Check.ANY);
        Check.argument(eps > 0, "eps must be positive, but is %s", eps);
        this.scale = scale;
        this.eps = eps;
    }

    private record Kept(RmsNorm layer, Context context, INDArray normalized, INDArray inverse) implements LayerStep {
        @Override
        public INDArray backward(INDArray gradOutput) {
            Memory memory = context.memory();
            INDArray gradient = memory.rows(gradOutput);
            layer.addGradient(memory, gradient, normalized);
            memory.ops().multiply(gradient, layer.scale.value(), gradient);
            Normalization.rootMeanSquareGradient(memory, gradient, normalized, inverse);
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
        INDArray inverse = memory.step().array(rows.size(0), 1);
        compute(memory, rows, normalized, inverse, memory.rows(result));
        return new Kept(this, context, normalized, inverse);
    }

    private void compute(Memory memory, INDArray rows, INDArray normalized, INDArray inverse, INDArray result) {
        Check.width("input of " + scale.name(), rows, scale.value().length());
        Normalization.rootMeanSquare(memory, rows, eps, normalized, inverse);
        memory.ops().multiply(normalized, scale.value(), result);
    }

    private void addGradient(Memory memory, INDArray gradient, INDArray normalized) {
        if (scale.trainable()) {
            try (Arena.Scope scope = memory.scratch().scope()) {
                INDArray product = memory.scratch().array(gradient.shape());
                memory.ops().multiply(gradient, normalized, product);
                INDArray column =
                        memory.reshape(scale.gradient(), scale.gradient().length(), 1);
                memory.ops().sumColumns(product, column, 1);
            }
        }
    }

    @Override
    public List<Parameter> parameters() {
        return List.of(scale);
    }
}
