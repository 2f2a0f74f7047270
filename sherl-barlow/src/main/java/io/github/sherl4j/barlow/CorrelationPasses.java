package io.github.sherl4j.barlow;

import io.github.sherl4j.nd.Arena;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** {@link LossForm#CORRELATION} in parts: adds their moments, then computes each part's gradient from the correlation. */
final class CorrelationPasses implements MicroBatches.Passes {
    private final CrossMoments moments;
    private final Correlation correlation;
    private Arena.@Nullable Scope gradients;

    CorrelationPasses(LossOptions options, long width, DataType type) {
        this.moments = new CrossMoments(type, width);
        this.correlation = new Correlation(moments, options);
    }

    @Override
    public void clear() {
        endGradients();
        moments.clear();
    }

    @Override
    public void add(long from, INDArray z1, INDArray z2) {
        moments.add(z1, z2);
    }

    @Override
    public LossValue loss() {
        return correlation.renew();
    }

    @Override
    public LossGradients gradients(long from, INDArray z1, INDArray z2) {
        endGradients();
        Arena step = moments.memory().step();
        gradients = step.scope();
        INDArray gradient1 = step.array(z1.shape());
        INDArray gradient2 = step.array(z2.shape());
        correlation.gradients(z1, z2, gradient1, gradient2);
        return new LossGradients(gradient1, gradient2);
    }

    private void endGradients() {
        if (gradients != null) {
            gradients.close();
            gradients = null;
        }
    }

    @Override
    public void close() {
        correlation.close();
        moments.close();
    }
}
