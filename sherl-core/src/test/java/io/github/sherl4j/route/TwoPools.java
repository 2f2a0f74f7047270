package io.github.sherl4j.route;

import io.github.sherl4j.layer.AveragePool;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.LayerStep;
import io.github.sherl4j.layer.MaxPool;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Max pool and average pool of two by two pixels, added: what stands behind the paper's image tower. */
final class TwoPools {
    private final Context context;
    private final LayerStep max;
    private final LayerStep mean;
    private final INDArray sum;

    TwoPools(INDArray state, Context context) {
        MaxPool maxPool = new MaxPool(2, 2, 0);
        this.context = context;
        this.sum = context.memory().step().array(maxPool.outputShape(state.shape()));
        INDArray other = context.memory().step().array(sum.shape());
        this.max = maxPool.forward(state, context, sum);
        this.mean = new AveragePool(2, 2, 0).forward(state, context, other);
        context.memory().ops().add(sum, other, sum);
    }

    INDArray backward(INDArray cotangent) {
        INDArray gradient = cotangent.reshape(sum.shape());
        INDArray throughMax = max.backward(gradient);
        context.memory().ops().add(throughMax, mean.backward(gradient), throughMax);
        return throughMax;
    }

    INDArray sum() {
        return sum;
    }
}
