package io.github.sherl4j.train;

import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.layer.ParameterGroups;
import io.github.sherl4j.nd.Check;
import io.github.sherl4j.nd.NativeArrays;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.GradientUpdater;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.schedule.ISchedule;

/**
 * Moves parameters along their gradients: clipping, weight decay, trust ratio and one of ND4J's updaters, in place on the
 * flat vectors of {@link ParameterGroups}. The updater's state is allocated once, and a step makes no temporary arrays.
 *
 * <p>One step does, for each group with values p and gradients g, at a rate r that is the schedule's times the group's factor
 * (and times {@code vectorRate} for a group that does not decay),
 *
 * <pre>
 * g = g * clipNorm / |g|        if the norm |g| over all groups is larger than clipNorm
 * p = p * (1 - r * decay)       for a group that decays, if decay is decoupled
 * g = g + decay * p             for a group that decays, if decay is a part of the gradient
 * g = g * trust * |p| / |g|     for each parameter of a group that decays, if there is a trust ratio and neither norm is 0
 * p = p - update(g)
 * </pre>
 *
 * <p>With {@link org.nd4j.linalg.learning.config.Adam} this is AdamW: with {@code m} and {@code v} the moving means of
 * g and g^2, and t steps done, this one included,
 *
 * <pre>
 * update = r * sqrt(1 - beta2^t) / (1 - beta1^t) * m / (sqrt(v) + epsilon)
 * </pre>
 *
 * <p>PyTorch adds epsilon to {@code sqrt(v / (1 - beta2^t))} instead. So ND4J's epsilon acts as one of
 * {@code epsilon / sqrt(1 - beta2^t)} would there: 32 times as much in the first step, the same after some thousand
 * steps. It matters only for gradients that are hardly larger than epsilon.
 */
public final class Optimizer implements AutoCloseable {
    /** One group with its updater. */
    private static final class Slot implements AutoCloseable {
        final ParameterGroups.Group group;
        final @Nullable INDArray state;
        final GradientUpdater<?> updater;
        final ISchedule rates;

        Slot(ParameterGroups.Group group, OptimizerConfig optimizer, ISchedule schedule) {
            double factor = group.rateFactor() * (group.decays() ? 1 : optimizer.vectorRate());
            this.rates = ScaledSchedule.of(schedule, factor);
            IUpdater config = optimizer.updater();
            if (config.hasLearningRate()) {
                config.setLrAndSchedule(Double.NaN, rates);
            }
            INDArray values = group.values();
            this.group = group;
            long length = config.stateSize(values.length());
            this.state = length == 0 ? null : Nd4j.create(values.dataType(), 1, length);
            // Adam starts at zero, as the state is; ND4J's filling would leave a scalar to the garbage collector.
            this.updater = config.instantiate(state, !(config instanceof Adam));
        }

        @Override
        public void close() {
            if (state != null) {
                state.close();
            }
        }
    }

    private final List<Slot> slots;
    private final ISchedule rates;
    private final boolean updaterHasRate;
    private final OptimizerConfig config;
    private final double clipNorm;

    /**
     * Allocates the updater's state and sets the gradients to zero.
     *
     * @param parameters FLOAT or DOUBLE; stay owned by the caller, and must not be closed before this is
     * @param config updater, weight decay and clipping
     * @param rates learning rates by iteration, which replace the updater's own
     */
    public Optimizer(ParameterGroups parameters, TrainConfig config, ISchedule rates) {
        for (ParameterGroups.Group group : parameters.groups()) {
            DataType type = group.values().dataType();
            long length = group.values().length();
            Check.argument(
                    type == DataType.FLOAT || type == DataType.DOUBLE,
                    "Trainable parameters must be FLOAT or DOUBLE, but are %s",
                    type);
            Check.argument(
                    length <= Integer.MAX_VALUE,
                    "Trainable parameters must be at most %s, which BLAS can count, but are %s",
                    Integer.MAX_VALUE,
                    length);
        }
        this.config = config.optimizer();
        this.updaterHasRate = this.config.updater().hasLearningRate();
        this.rates = rates;
        this.clipNorm = config.clipNorm();
        this.slots = parameters.groups().stream()
                .map(group -> new Slot(group, this.config, rates))
                .toList();
        zeroGradients();
    }

    /** The norm sqrt(sum g^2) of the gradients of all groups; not finite if one of them is not. */
    public double gradientNorm() {
        double norm = 0;
        for (Slot slot : slots) {
            norm = Math.hypot(norm, TrustRatio.norm(slot.group.gradients()));
        }
        return norm;
    }

    /**
     * Updates values and the updater's state. The gradients are used up, and stay so until {@link #zeroGradients()}.
     *
     * @param gradientNorm the result of {@link #gradientNorm()} for these gradients, finite
     * @param iteration steps done before, from 0
     * @param epoch epochs done before, from 0
     * @return the learning rate of this step, as scheduled
     * @throws IllegalArgumentException if the schedule gives no usable rate; nothing is changed then
     */
    public double step(double gradientNorm, int iteration, int epoch) {
        double rate = rates.valueAt(iteration, epoch);
        Check.argument(
                rate >= 0 && Double.isFinite(rate),
                "The learning rate must not be negative, but the schedule gives %s at iteration %s",
                rate,
                iteration);
        for (Slot slot : slots) {
            ParameterGroups.Group group = slot.group;
            if (clipNorm > 0 && gradientNorm > clipNorm) {
                NativeArrays.scale(group.gradients(), clipNorm / gradientNorm);
            }
            if (group.decays()) {
                decay(group, slot.rates.valueAt(iteration, epoch));
            }
            slot.updater.applyUpdater(group.gradients(), iteration, epoch);
            // At rate 0 ND4J's Adam takes epsilon for the rate.
            if (rate > 0 || !updaterHasRate) {
                group.values().subi(group.gradients());
            }
        }
        return rate;
    }

    private void decay(ParameterGroups.Group group, double rate) {
        double weightDecay = config.weightDecay();
        double inGradient = config.decay() == OptimizerConfig.Decay.IN_GRADIENT ? weightDecay : 0;
        if (inGradient == 0 && weightDecay > 0) {
            NativeArrays.scale(group.values(), 1 - rate * weightDecay);
        }
        if (config.trust() == 0) {
            TrustRatio.decay(group.values(), group.gradients(), inGradient);
        } else {
            for (Parameter parameter : group.parameters()) {
                TrustRatio.apply(parameter.value(), parameter.gradient(), config.trust(), inGradient);
            }
        }
    }

    /** Sets all gradients to zero. */
    public void zeroGradients() {
        slots.forEach(slot -> NativeArrays.fill(slot.group.gradients(), 0));
    }

    /**
     * The updater's state: with the parameters' values all that a training has to find again to go on as if it had never
     * stopped.
     *
     * @return one live array [1, length] for each group that has a state, in the order of the groups
     */
    public List<INDArray> state() {
        return slots.stream().flatMap(slot -> Stream.ofNullable(slot.state)).toList();
    }

    /** Frees the updater's state. */
    @Override
    public void close() {
        slots.forEach(Slot::close);
    }
}
