package io.github.sherl4j.train;

import io.github.sherl4j.nd.Check;
import io.github.sherl4j.nd.NativeArrays;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.GradientUpdater;

/** The arithmetic of {@link Momentum}, in place: the gradient becomes the update. */
final class MomentumUpdater implements GradientUpdater<Momentum> {
    private static final String VELOCITY = "V";

    private final Momentum config;
    private @Nullable INDArray velocity;

    MomentumUpdater(Momentum config) {
        this.config = config;
    }

    @Override
    public Momentum getConfig() {
        return config;
    }

    @Override
    public void setState(Map<String, INDArray> state, boolean initialize) {
        INDArray given = state.get(VELOCITY);
        Check.argument(
                given != null && state.size() == 1,
                "The state must have %s alone, but has %s",
                VELOCITY,
                state.keySet());
        velocity = given;
    }

    @Override
    public Map<String, INDArray> getState() {
        return velocity == null ? Map.of() : Map.of(VELOCITY, velocity);
    }

    @Override
    public void setStateViewArray(INDArray view, long[] gradientShape, char gradientOrder, boolean initialize) {
        if (initialize) {
            NativeArrays.fill(view, 0);
        }
        velocity = Arrays.equals(view.shape(), gradientShape) ? view : view.reshape(gradientOrder, true, gradientShape);
    }

    @Override
    public void applyUpdater(INDArray gradient, int iteration, int epoch) {
        INDArray v = velocity;
        if (v == null) {
            throw new IllegalStateException("The updater has no state array yet");
        }
        NativeArrays.scale(v, config.momentum());
        v.addi(gradient);
        NativeArrays.copy(v, gradient);
        NativeArrays.scale(gradient, config.getLearningRate(iteration, epoch));
    }
}
