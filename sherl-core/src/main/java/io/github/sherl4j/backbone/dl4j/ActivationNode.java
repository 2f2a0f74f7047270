package io.github.sherl4j.backbone.dl4j;

import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.Memory;
import org.deeplearning4j.nn.api.Layer;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A layer that is an activation function and nothing else; with the identity also dropout, which does nothing here. */
final class ActivationNode extends LayerNode {
    private final Slope slope;

    ActivationNode(String name, String input, Layer layer, IActivation activation) {
        super(name, input, layer);
        this.slope = new Slope(activation);
    }

    @Override
    INDArray infer(Visit visit, Place place) {
        Memory memory = visit.memory();
        INDArray result = place.array(visit.input().shape());
        if (slope.needsResult()) {
            memory.ops().relu(visit.input(), result);
        } else {
            memory.ops().copy(visit.input(), result);
            slope.apply(memory, result);
        }
        return result;
    }

    @Override
    boolean keepsInputs() {
        return slope.needsArgument();
    }

    @Override
    boolean keepsResult() {
        return slope.needsResult();
    }

    @Override
    void backward(KeptVisit kept, INDArray gradOutput, InputGradients gradients) {
        Memory memory = kept.memory();
        if (slope.needsArgument()) {
            try (Arena.Scope scope = memory.scratch().scope()) {
                INDArray argument = memory.scratch().array(kept.inputShapes().get(0));
                memory.ops().copy(kept.inputs().get(0), argument);
                slope.backward(memory, argument, gradOutput);
            }
        } else if (slope.needsResult()) {
            slope.backward(memory, kept.keptResult(), gradOutput);
        }
        gradients.add(0, gradOutput);
    }
}
