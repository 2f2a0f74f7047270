package io.github.sherl4j.train;

import io.github.sherl4j.nd.Check;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.GradientUpdater;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Gradient descent with heavy-ball momentum, as PyTorch's {@code SGD}: {@code v = momentum * v + g}, then
 * {@code p = p - rate * v}. ND4J's {@code Nesterovs} is another rule: it looks ahead, and folds the rate into v, so that a
 * new rate acts on new gradients only.
 *
 * <p>For any DL4J network, where it is written to JSON like ND4J's own updaters, and for {@link OptimizerConfig}.
 */
public final class Momentum implements IUpdater {
    private static final long serialVersionUID = 1;

    private final double momentum;
    private double learningRate;
    private @Nullable ISchedule learningRateSchedule;

    /**
     * An updater with a constant rate.
     *
     * @param learningRate not negative
     * @param momentum share of v that is kept from step to step, from 0 to less than 1
     */
    public Momentum(double learningRate, double momentum) {
        this(learningRate, null, momentum);
    }

    /** An updater with a rate that runs. */
    public Momentum(ISchedule learningRateSchedule, double momentum) {
        this(Double.NaN, learningRateSchedule, momentum);
    }

    /** All fields, as JSON has them; the rate is not used where there is a schedule. */
    Momentum(
            @JsonProperty("learningRate") double learningRate,
            @JsonProperty("learningRateSchedule") @Nullable ISchedule learningRateSchedule,
            @JsonProperty("momentum") double momentum) {
        Check.argument(momentum >= 0 && momentum < 1, "momentum must be from 0 to less than 1, but is %s", momentum);
        Check.argument(
                learningRateSchedule != null || (learningRate >= 0 && Double.isFinite(learningRate)),
                "learningRate must be finite and not negative, but is %s",
                learningRate);
        this.learningRate = learningRate;
        this.learningRateSchedule = learningRateSchedule;
        this.momentum = momentum;
    }

    /** Share of v that is kept from step to step. */
    public double momentum() {
        return momentum;
    }

    @Override
    public long stateSize(long parameters) {
        return parameters;
    }

    @Override
    public GradientUpdater<Momentum> instantiate(INDArray state, boolean initialize) {
        MomentumUpdater updater = new MomentumUpdater(this);
        updater.setStateViewArray(state, state.shape(), 'c', initialize);
        return updater;
    }

    @Override
    public GradientUpdater<Momentum> instantiate(Map<String, INDArray> state, boolean initialize) {
        MomentumUpdater updater = new MomentumUpdater(this);
        updater.setState(state, initialize);
        return updater;
    }

    @Override
    public double getLearningRate(int iteration, int epoch) {
        return learningRateSchedule == null ? learningRate : learningRateSchedule.valueAt(iteration, epoch);
    }

    @Override
    public boolean hasLearningRate() {
        return true;
    }

    @Override
    public void setLrAndSchedule(double newRate, @Nullable ISchedule newSchedule) {
        learningRate = newRate;
        learningRateSchedule = newSchedule;
    }

    @Override
    public Momentum clone() {
        return new Momentum(learningRate, learningRateSchedule == null ? null : learningRateSchedule.clone(), momentum);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Momentum that
                && momentum == that.momentum
                && Double.compare(learningRate, that.learningRate) == 0
                && Objects.equals(learningRateSchedule, that.learningRateSchedule);
    }

    @Override
    public int hashCode() {
        return Objects.hash(momentum, learningRate, learningRateSchedule);
    }

    @Override
    public String toString() {
        return "Momentum(learningRate=%s, learningRateSchedule=%s, momentum=%s)"
                .formatted(learningRate, learningRateSchedule, momentum);
    }
}
