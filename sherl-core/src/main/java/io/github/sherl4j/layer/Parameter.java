package io.github.sherl4j.layer;

import io.github.sherl4j.nd.Check;
import io.github.sherl4j.nd.NativeArrays;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A named array of weights, frozen until a {@link ParameterGroups} takes it in: then its value and its gradient are views
 * into that group's flat vectors.
 */
public final class Parameter implements AutoCloseable {
    private final String name;
    private final boolean decays;
    private double rateFactor = 1;
    private INDArray value;
    private @Nullable INDArray gradient;

    private Parameter(String name, INDArray value, boolean decays) {
        Check.argument(
                value.dataType().isFPType(), "%s must be a floating point array, but is %s", name, value.dataType());
        this.name = name;
        this.value = value;
        this.decays = decays;
    }

    /**
     * A weight matrix or table, to which weight decay applies when it is trained.
     *
     * @param value any shape, in C order; owned by the parameter from now on
     */
    public static Parameter weight(String name, INDArray value) {
        return new Parameter(name, value, true);
    }

    /**
     * A bias, a gate, or a norm's scale or shift, to which weight decay does not apply.
     *
     * @param value any shape, in C order; owned by the parameter from now on
     */
    public static Parameter unregularized(String name, INDArray value) {
        return new Parameter(name, value, false);
    }

    /** The name in files. */
    public String name() {
        return name;
    }

    /** The current value; a live view, to be modified by its trainer alone. */
    public INDArray value() {
        return value;
    }

    /** Whether a gradient is wanted. */
    public boolean trainable() {
        return gradient != null;
    }

    /** Whether weight decay applies. */
    public boolean decays() {
        return decays;
    }

    /** Factor of the learning rate for this parameter; 1 unless it was set. */
    public double rateFactor() {
        return rateFactor;
    }

    /**
     * Sets the factor of the learning rate, such as a smaller one for a backbone than for its head.
     *
     * @param factor positive
     * @throws IllegalStateException if the parameter belongs to a group already
     */
    public void rateFactor(double factor) {
        Check.argument(
                factor > 0 && Double.isFinite(factor), "rateFactor of %s must be positive, but is %s", name, factor);
        if (trainable()) {
            throw new IllegalStateException("Parameter " + name + " belongs to a group, whose rate is set");
        }
        rateFactor = factor;
    }

    /**
     * The gradient that backward passes add to.
     *
     * @throws IllegalStateException if the parameter is frozen
     */
    public INDArray gradient() {
        if (gradient == null) {
            throw new IllegalStateException("Parameter " + name + " is frozen and has no gradient");
        }
        return gradient;
    }

    void moveTo(INDArray newValue, INDArray newGradient) {
        NativeArrays.copy(value, newValue);
        value.close();
        value = newValue;
        gradient = newGradient;
    }

    /** Frees the value of a frozen parameter; that of a trainable one belongs to its group. */
    @Override
    public void close() {
        if (gradient == null && !value.wasClosed()) {
            value.close();
        }
    }
}
