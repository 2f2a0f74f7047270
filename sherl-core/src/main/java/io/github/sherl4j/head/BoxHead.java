package io.github.sherl4j.head;

import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.Linear;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.layer.Step;
import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.nd.Ops;
import java.util.List;
import java.util.stream.Stream;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What MDETR says of each query: logits {@code classes(x)} of the text's token places and no object, and a box of centre, width and
 * height, {@code sigmoid(c(relu(b(relu(a(x))))))}.
 */
public final class BoxHead {
    private final Linear classes;
    private final Linear first;
    private final Linear second;
    private final Linear third;

    /**
     * A head over its layers.
     *
     * @param classes [token places + 1, width]
     * @param first [width, width]
     * @param second [width, width]
     * @param third [4, width]
     */
    public BoxHead(Linear classes, Linear first, Linear second, Linear third) {
        this.classes = classes;
        this.first = first;
        this.second = second;
        this.third = third;
    }

    /** The states, and what is between the layers of the boxes, each [batch, queries, width]; boxes [batch, queries, 4]. */
    public record Kept(BoxHead head, Context context, INDArray states, INDArray inner, INDArray outer, INDArray boxes)
            implements Step {
        /**
         * Adds the gradients of the head's parameters.
         *
         * @param gradLogits not modified
         * @param gradBoxes overwritten
         * @param gradStates [batch, queries, width], overwritten by the result
         */
        public void backward(INDArray gradLogits, INDArray gradBoxes, INDArray gradStates) {
            Memory memory = context.memory();
            Ops ops = memory.ops();
            try (Arena.Scope scope = memory.scratch().scope()) {
                head.classes.addGradients(memory, states, gradLogits);
                head.classes.inputGradient(memory, gradLogits, gradStates, 0);
                INDArray slope = memory.scratch().array(boxes.shape());
                ops.multiply(boxes, -1, slope);
                ops.add(slope, 1, slope);
                ops.multiply(slope, boxes, slope);
                ops.multiply(gradBoxes, slope, gradBoxes);
                INDArray gradient = memory.scratch().array(states.shape());
                INDArray before = memory.scratch().array(states.shape());
                head.third.addGradients(memory, outer, gradBoxes);
                head.third.inputGradient(memory, gradBoxes, gradient, 0);
                ops.reluGradient(outer, gradient, gradient); // 0 exactly where the state before was not positive
                head.second.addGradients(memory, inner, gradient);
                head.second.inputGradient(memory, gradient, before, 0);
                ops.reluGradient(inner, before, before);
                head.first.addGradients(memory, states, before);
                head.first.inputGradient(memory, before, gradStates, 1);
            }
        }
    }

    /**
     * Computes and keeps nothing.
     *
     * @param states [batch, queries, width], not modified
     * @param logits [batch, queries, token places + 1], overwritten
     * @param boxes [batch, queries, 4], overwritten
     */
    public void infer(INDArray states, Context context, INDArray logits, INDArray boxes) {
        try (Arena.Scope scope = context.memory().scratch().scope()) {
            compute(states, context, context.memory().scratch(), logits, boxes);
        }
    }

    /** Computes the same and keeps what the backward pass needs, states and boxes among it. */
    public Kept forward(INDArray states, Context context, INDArray logits, INDArray boxes) {
        return compute(states, context, context.memory().step(), logits, boxes);
    }

    private Kept compute(INDArray states, Context context, Arena lifetime, INDArray logits, INDArray boxes) {
        Ops ops = context.memory().ops();
        INDArray inner = lifetime.array(states.shape());
        INDArray outer = lifetime.array(states.shape());
        classes.infer(states, context, logits);
        first.infer(states, context, inner);
        ops.relu(inner, inner);
        second.infer(inner, context, outer);
        ops.relu(outer, outer);
        third.infer(outer, context, boxes);
        ops.sigmoid(boxes, boxes);
        return new Kept(this, context, states, inner, outer, boxes);
    }

    /** Token places and no object. */
    public long classes() {
        return classes.outputShape(0)[0];
    }

    /** All parameters. */
    public List<Parameter> parameters() {
        return Stream.of(classes, first, second, third)
                .flatMap(layer -> layer.parameters().stream())
                .toList();
    }
}
