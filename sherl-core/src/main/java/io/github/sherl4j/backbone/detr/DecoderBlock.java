package io.github.sherl4j.backbone.detr;

import io.github.sherl4j.layer.FeedForward;
import io.github.sherl4j.layer.LayerNorm;
import io.github.sherl4j.layer.LayerStep;
import io.github.sherl4j.layer.Step;
import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.nd.Ops;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A block of the decoder, x and y [batch, queries, width], over a memory [batch, positions, width]:
 * {@code m = norm1(x + self(x)); n = norm3(m + cross(m, memory)); y = norm4(n + feedForward(n))}, the norms under MDETR's names.
 */
public final class DecoderBlock {
    private final PositionedAttention self;
    private final LayerNorm selfNorm;
    private final PositionedAttention cross;
    private final LayerNorm crossNorm;
    private final FeedForward feedForward;
    private final LayerNorm outputNorm;

    DecoderBlock(
            PositionedAttention self,
            LayerNorm selfNorm,
            PositionedAttention cross,
            LayerNorm crossNorm,
            FeedForward feedForward,
            LayerNorm outputNorm) {
        this.self = self;
        this.selfNorm = selfNorm;
        this.cross = cross;
        this.crossNorm = crossNorm;
        this.feedForward = feedForward;
        this.outputNorm = outputNorm;
    }

    /** What a forward pass keeps. */
    public record Kept(
            Scene scene,
            PositionedAttention.Kept self,
            LayerStep selfNorm,
            PositionedAttention.Kept cross,
            LayerStep crossNorm,
            LayerStep feedForward,
            LayerStep outputNorm)
            implements Step {
        /**
         * Adds the gradients of trainable parameters, and those of the memory and the queries if they are wanted.
         *
         * @param gradOutput overwritten with the gradient of the states
         * @param gradMemory [batch, positions, width], added to; null if nobody wants it
         * @param gradQueries [batch, queries, width], added to; null if nobody wants it
         */
        public void backward(INDArray gradOutput, @Nullable INDArray gradMemory, @Nullable INDArray gradQueries) {
            Memory memory = scene.context().memory();
            Ops ops = memory.ops();
            outputNorm.backward(gradOutput);
            try (Arena.Scope scope = memory.scratch().scope()) {
                ops.add(gradOutput, feedForward.backward(gradOutput), gradOutput);
            }
            crossNorm.backward(gradOutput);
            try (Arena.Scope scope = memory.scratch().scope()) {
                INDArray sum = memory.scratch().array(gradOutput.shape());
                ops.copy(gradOutput, sum);
                cross.backward(gradOutput, new PositionedAttention.Gradients(sum, gradQueries, gradMemory, null));
                ops.copy(sum, gradOutput);
            }
            selfNorm.backward(gradOutput);
            try (Arena.Scope scope = memory.scratch().scope()) {
                INDArray sum = memory.scratch().array(gradOutput.shape());
                ops.copy(gradOutput, sum);
                self.backward(gradOutput, new PositionedAttention.Gradients(sum, gradQueries, sum, gradQueries));
                ops.copy(sum, gradOutput);
            }
        }
    }

    /**
     * Computes and keeps nothing.
     *
     * @param states [batch, queries, width], not modified
     * @param source the memory [batch, positions, width], not modified
     * @param result [batch, queries, width], overwritten
     */
    public void infer(INDArray states, INDArray source, Scene scene, INDArray result) {
        Memory memory = scene.context().memory();
        Ops ops = memory.ops();
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray middle = memory.scratch().array(states.shape());
            INDArray branch = memory.scratch().array(states.shape());
            self.infer(selfInput(states, scene), scene.context(), middle);
            ops.add(middle, states, middle);
            selfNorm.infer(middle, scene.context(), middle);
            cross.infer(crossInput(middle, source, scene), scene.context(), branch);
            ops.add(middle, branch, middle);
            crossNorm.infer(middle, scene.context(), middle);
            feedForward.infer(middle, scene.context(), branch);
            ops.add(middle, branch, middle);
            outputNorm.infer(middle, scene.context(), result);
        }
    }

    /** Computes the same and keeps what the backward pass needs, states and memory themselves too if weights are trainable. */
    public Kept forward(INDArray states, INDArray source, Scene scene, INDArray result) {
        Memory memory = scene.context().memory();
        Ops ops = memory.ops();
        Arena lifetime = cross.keepsInput() ? memory.step() : memory.scratch();
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray sum = memory.scratch().array(states.shape());
            INDArray first = lifetime.array(states.shape());
            INDArray second = lifetime.array(states.shape());
            PositionedAttention.Kept selfStep = self.forward(selfInput(states, scene), scene.context(), sum);
            ops.add(sum, states, sum);
            LayerStep selfNormStep = selfNorm.forward(sum, scene.context(), first);
            PositionedAttention.Kept crossStep = cross.forward(crossInput(first, source, scene), scene.context(), sum);
            ops.add(sum, first, sum);
            LayerStep crossNormStep = crossNorm.forward(sum, scene.context(), second);
            LayerStep fed = feedForward.forward(second, scene.context(), sum);
            ops.add(sum, second, sum);
            LayerStep outputStep = outputNorm.forward(sum, scene.context(), result);
            return new Kept(scene, selfStep, selfNormStep, crossStep, crossNormStep, fed, outputStep);
        }
    }

    private static PositionedAttention.Input selfInput(INDArray states, Scene scene) {
        return new PositionedAttention.Input(states, scene.queries(), states, scene.queries(), null);
    }

    private static PositionedAttention.Input crossInput(INDArray states, INDArray source, Scene scene) {
        return new PositionedAttention.Input(states, scene.queries(), source, scene.positions(), scene.bias());
    }
}
