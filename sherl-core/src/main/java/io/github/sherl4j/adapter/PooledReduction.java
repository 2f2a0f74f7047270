package io.github.sherl4j.adapter;

import io.github.sherl4j.layer.AveragePool;
import io.github.sherl4j.layer.BatchNorm;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.LayerStep;
import io.github.sherl4j.layer.Linear;
import io.github.sherl4j.layer.MaxPool;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.nd.Ops;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * {@code h = batch_norm(linear(max_pool(f) + average_pool(f)))}, the pools being as large as brings the picture to the
 * guide's size. What is kept is the pooled picture: the state itself may end with the forward pass.
 */
final class PooledReduction implements Reduction {
    private final int index;
    private final Linear linear;
    private final BatchNorm norm;

    /** @param linear a convolution of one pixel */
    PooledReduction(int index, Linear linear, BatchNorm norm) {
        this.index = index;
        this.linear = linear;
        this.norm = norm;
    }

    /** The pooled picture [positions, channels], and what the norm needs. */
    private record Kept(PooledReduction layer, Context context, int kernel, INDArray pooled, LayerStep norm)
            implements Reduction.Kept {
        @Override
        public void backward(INDArray reduced, INDArray gradReduced, @Nullable StateGradient wanted) {
            Memory memory = context.memory();
            INDArray gradLinear = norm.backward(Reduction.slice(memory, gradReduced, layer.index));
            layer.linear.addGradients(memory, pooled, gradLinear);
            if (wanted != null) {
                layer.addStateGradient(context, kernel, gradLinear, wanted);
            }
        }
    }

    @Override
    public void infer(Tapped tapped, Context context, INDArray reduced) {
        Memory memory = context.memory();
        INDArray slice = Reduction.slice(memory, reduced, index);
        INDArray state = tapped.states().get(index);
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray pooled = memory.scratch().array(slice.size(0), state.size(3));
            pool(state, kernel(tapped), context, pooled);
            linear.infer(pooled, context, slice);
            norm.infer(slice, context, slice);
        }
    }

    @Override
    public Reduction.Kept forward(Tapped tapped, Context context, INDArray reduced) {
        Memory memory = context.memory();
        INDArray slice = Reduction.slice(memory, reduced, index);
        INDArray state = tapped.states().get(index);
        int kernel = kernel(tapped);
        INDArray pooled = memory.step().array(slice.size(0), state.size(3));
        pool(state, kernel, context, pooled);
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray raw = inputOf(norm, memory).array(slice.shape());
            linear.infer(pooled, context, raw);
            return new Kept(this, context, kernel, pooled, norm.forward(raw, context, slice));
        }
    }

    /** Where the input of a norm has to lie: on running statistics it is kept. */
    static Arena inputOf(BatchNorm norm, Memory memory) {
        return norm.statistics() == BatchNorm.Statistics.RUNNING ? memory.step() : memory.scratch();
    }

    private int kernel(Tapped tapped) {
        INDArray guide = tapped.states().get(tapped.states().size() - 1);
        return (int) (tapped.states().get(index).size(1) / guide.size(1));
    }

    /** @param result [positions, channels], overwritten by the sum of both pools */
    private static void pool(INDArray state, int kernel, Context context, INDArray result) {
        Memory memory = context.memory();
        Ops ops = memory.ops();
        if (kernel == 1) { // a pixel is its own maximum and mean
            ops.multiply(memory.rows(state), 2, result);
            return;
        }
        MaxPool max = new MaxPool(kernel, kernel, 0);
        long[] pooledShape = max.outputShape(state.shape());
        INDArray sum = memory.reshape(result, pooledShape);
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray mean = memory.scratch().array(pooledShape);
            max.infer(state, context, sum);
            new AveragePool(kernel, kernel, 0).infer(state, context, mean);
            ops.add(sum, mean, sum);
        }
    }

    private void addStateGradient(Context context, int kernel, INDArray gradLinear, StateGradient wanted) {
        Memory memory = context.memory();
        Ops ops = memory.ops();
        INDArray state = wanted.state();
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray gradPooled = memory.scratch().array(gradLinear.size(0), state.size(3));
            linear.inputGradient(memory, gradLinear, gradPooled, 0);
            if (kernel == 1) {
                ops.multiply(gradPooled, 2, gradPooled);
                ops.add(memory.rows(wanted.gradient()), gradPooled, memory.rows(wanted.gradient()));
                return;
            }
            MaxPool max = new MaxPool(kernel, kernel, 0);
            INDArray scratch = memory.scratch().array(max.outputShape(state.shape()));
            INDArray gradPicture = memory.reshape(gradPooled, scratch.shape());
            INDArray throughMax = max.forward(state, context, scratch).backward(gradPicture);
            ops.add(wanted.gradient(), throughMax, wanted.gradient());
            INDArray throughMean = new AveragePool(kernel, kernel, 0)
                    .forward(state, context, scratch)
                    .backward(gradPicture);
            ops.add(wanted.gradient(), throughMean, wanted.gradient());
        }
    }

    @Override
    public boolean keepsState() {
        return false;
    }

    @Override
    public List<Parameter> parameters() {
        return Stream.concat(linear.parameters().stream(), norm.parameters().stream())
                .toList();
    }

    @Override
    public List<BatchNorm> norms() {
        return List.of(norm);
    }
}
