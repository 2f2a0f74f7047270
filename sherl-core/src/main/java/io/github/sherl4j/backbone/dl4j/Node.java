package io.github.sherl4j.backbone.dl4j;

import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/** One layer or vertex of a network. It may hold state between two calls only as a cache, and serves one thread at a time. */
abstract class Node {
    private final String name;
    private final List<String> inputs;

    Node(String name, List<String> inputs) {
        this.name = name;
        this.inputs = List.copyOf(inputs);
    }

    /** The name in the network. */
    final String name() {
        return name;
    }

    /** Names of the nodes that it reads. */
    final List<String> inputs() {
        return inputs;
    }

    /** Computes in inference. */
    abstract INDArray infer(Visit visit, Place place);

    /** Whether the backward pass needs the inputs themselves, and not only their shapes. */
    abstract boolean keepsInputs();

    /** Whether the backward pass needs the result. */
    boolean keepsResult() {
        return false;
    }

    /**
     * Computes the gradients of the inputs.
     *
     * @param kept the node's visit in the forward pass; inputs that are not kept have ended
     * @param gradOutput in the shape of the result, may be overwritten
     */
    abstract void backward(KeptVisit kept, INDArray gradOutput, InputGradients gradients);

    /** The mask that goes with the result. */
    abstract Masked mask(Visit visit);
}
