package io.github.sherl4j.layer;

import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.Check;
import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.nd.Ops;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Rows of length 1, {@code y = x / (sqrt(sum x^2) + eps)} over the last dimension; a row of zeros stays one. */
public final class L2Norm implements Layer {
    /** Far below any length that matters, far above what would overflow when divided by. */
    private static final double TINY = 1e-20;

    private final double eps;

    /**
     * A layer without parameters.
     *
     * @param eps added to the length
     */
    public L2Norm(double eps) {
        Check.argument(eps > 0, "eps must be positive, but is %s", eps);
        this.eps = eps;
    }

    /** The result [rows, width] and the lengths [rows, 1]. */
    private record Kept(L2Norm layer, Context context, INDArray normalized, INDArray lengths) implements LayerStep {
        /** {@code (g - y (g . y) (length + eps) / length) / (length + eps)}, in place. */
        @Override
        public INDArray backward(INDArray gradOutput) {
            Memory memory = context.memory();
            Ops ops = memory.ops();
            INDArray gradient = memory.rows(gradOutput);
            try (Arena.Scope scope = memory.scratch().scope()) {
                INDArray product = memory.scratch().array(gradient.shape());
                INDArray divisor = memory.scratch().array(lengths.shape());
                INDArray along = memory.scratch().array(lengths.shape());
                INDArray atLeastTiny = memory.scratch().array(lengths.shape());
                ops.multiply(gradient, normalized, product);
                ops.sumRows(product, along);
                ops.add(lengths, layer.eps, divisor);
                ops.maximum(lengths, TINY, atLeastTiny);
                ops.multiply(along, divisor, along);
                ops.divide(along, atLeastTiny, along);
                ops.multiply(normalized, along, product);
                ops.subtract(gradient, product, gradient);
                ops.divide(gradient, divisor, gradient);
            }
            return gradOutput;
        }
    }

    /** As the interface says; the result may be the input itself. */
    @Override
    public void infer(INDArray input, Context context, INDArray result) {
        Memory memory = context.memory();
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray rows = memory.rows(input);
            compute(memory, rows, memory.rows(result), memory.scratch().array(rows.size(0), 1));
        }
    }

    /** As the interface says; the result may be the input. The step's backward pass overwrites its argument with the result. */
    @Override
    public LayerStep forward(INDArray input, Context context, INDArray result) {
        Memory memory = context.memory();
        INDArray rows = memory.rows(input);
        INDArray normalized = memory.step().array(rows.shape());
        INDArray lengths = memory.step().array(rows.size(0), 1);
        compute(memory, rows, normalized, lengths);
        memory.ops().copy(normalized, memory.rows(result));
        return new Kept(this, context, normalized, lengths);
    }

    private void compute(Memory memory, INDArray rows, INDArray normalized, INDArray lengths) {
        Ops ops = memory.ops();
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray squares = memory.scratch().array(rows.shape());
            INDArray divisor = memory.scratch().array(lengths.shape());
            ops.multiply(rows, rows, squares);
            ops.sumRows(squares, lengths);
            ops.sqrt(lengths, lengths);
            ops.add(lengths, eps, divisor);
            ops.divide(rows, divisor, normalized);
        }
    }

    @Override
    public List<Parameter> parameters() {
        return List.of();
    }
}
