package io.github.sherl4j.backbone.dl4j;

import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.nd.Ops;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.api.ndarray.INDArray;

/** An activation function, and what its gradient is computed from: nothing, the result, or what the function was applied to. */
final class Slope {
    private enum From {
        NOTHING,
        RESULT,
        ARGUMENT
    }

    private final IActivation activation;
    private final From from;

    Slope(IActivation activation) {
        this.activation = activation;
        if (activation instanceof ActivationIdentity) {
            from = From.NOTHING;
        } else if (activation.equals(new ActivationReLU())) {
            from = From.RESULT;
        } else {
            from = From.ARGUMENT;
        }
    }

    boolean isIdentity() {
        return from == From.NOTHING;
    }

    boolean needsResult() {
        return from == From.RESULT;
    }

    boolean needsArgument() {
        return from == From.ARGUMENT;
    }

    /** Applies the function in place. */
    void apply(Memory memory, INDArray array) {
        if (from == From.RESULT) {
            memory.ops().relu(array, array);
        } else if (from == From.ARGUMENT) {
            LayerScratch.run(() -> activation.getActivation(array, false), activated -> {
                if (activated != array) {
                    memory.ops().copy(activated, array);
                }
            });
        }
    }

    /**
     * Turns a gradient of the function's result into one of its argument, in place.
     *
     * @param known result or argument, as asked for; an argument is overwritten
     */
    void backward(Memory memory, INDArray known, INDArray gradient) {
        Ops ops = memory.ops();
        if (from == From.RESULT) {
            ops.reluGradient(known, gradient, gradient);
        } else if (from == From.ARGUMENT) {
            LayerScratch.run(() -> activation.backprop(known, gradient).getFirst(), gradArgument -> {
                if (gradArgument != gradient) {
                    ops.copy(gradArgument, gradient);
                }
            });
        }
    }
}
