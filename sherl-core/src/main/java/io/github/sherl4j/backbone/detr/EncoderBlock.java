package io.github.sherl4j.backbone.detr;

import io.github.sherl4j.layer.FeedForward;
import io.github.sherl4j.layer.LayerNorm;
import io.github.sherl4j.layer.LayerStep;
import io.github.sherl4j.layer.Step;
import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.nd.Ops;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A block of the encoder: {@code m = norm1(x + attention(x)); y = norm2(m + feedForward(m))}, x and y [batch, positions, width]. */
public final class EncoderBlock {
    private final PositionedAttention attention;
    private final LayerNorm attentionNorm;
    private final FeedForward feedForward;
    private final LayerNorm outputNorm;

    EncoderBlock(
            PositionedAttention attention, LayerNorm attentionNorm, FeedForward feedForward, LayerNorm outputNorm) {
        this.attention = attention;
        this.attentionNorm = attentionNorm;
        this.feedForward = feedForward;
        this.outputNorm = outputNorm;
    }

    /** What a forward pass keeps. */
    public record Kept(
            Scene scene,
            PositionedAttention.Kept attention,
            LayerStep attentionNorm,
            LayerStep feedForward,
            LayerStep outputNorm)
            implements Step {
        /** Adds the gradients of trainable parameters; gradOutput is overwritten with the gradient of the states. */
        public void backward(INDArray gradOutput) {
            Memory memory = scene.context().memory();
            Ops ops = memory.ops();
            outputNorm.backward(gradOutput);
            try (Arena.Scope scope = memory.scratch().scope()) {
                ops.add(gradOutput, feedForward.backward(gradOutput), gradOutput);
            }
            attentionNorm.backward(gradOutput);
            try (Arena.Scope scope = memory.scratch().scope()) {
                INDArray sum = memory.scratch().array(gradOutput.shape());
                ops.copy(gradOutput, sum);
                attention.backward(gradOutput, new PositionedAttention.Gradients(sum, null, sum, null));
                ops.copy(sum, gradOutput);
            }
        }
    }

    /**
     * Computes and keeps nothing.
     *
     * @param states [batch, positions, width], not modified
     * @param result the same shape, overwritten
     */
    public void infer(INDArray states, Scene scene, INDArray result) {
        Memory memory = scene.context().memory();
        Ops ops = memory.ops();
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray middle = memory.scratch().array(states.shape());
            attention.infer(input(states, scene), scene.context(), middle);
            ops.add(middle, states, middle);
            attentionNorm.infer(middle, scene.context(), middle);
            feedForward.infer(middle, scene.context(), result);
            ops.add(result, middle, result);
            outputNorm.infer(result, scene.context(), result);
        }
    }

    /**
     * Computes the same and keeps what the backward pass needs, the states themselves too if weights are trainable.
     *
     * @param result overwritten
     */
    public Kept forward(INDArray states, Scene scene, INDArray result) {
        Memory memory = scene.context().memory();
        Ops ops = memory.ops();
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray sum = memory.scratch().array(states.shape());
            INDArray middle = (attention.keepsInput() ? memory.step() : memory.scratch()).array(states.shape());
            PositionedAttention.Kept attended = attention.forward(input(states, scene), scene.context(), sum);
            ops.add(sum, states, sum);
            LayerStep normed = attentionNorm.forward(sum, scene.context(), middle);
            LayerStep fed = feedForward.forward(middle, scene.context(), sum);
            ops.add(sum, middle, sum);
            return new Kept(scene, attended, normed, fed, outputNorm.forward(sum, scene.context(), result));
        }
    }

    private static PositionedAttention.Input input(INDArray states, Scene scene) {
        return new PositionedAttention.Input(states, scene.positions(), states, scene.positions(), scene.bias());
    }
}
