package io.github.sherl4j.backbone.detr;

import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.LayerNorm;
import io.github.sherl4j.layer.LayerStep;
import io.github.sherl4j.layer.Linear;
import io.github.sherl4j.layer.Step;
import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.nd.Ops;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The picture's and the text's states in front of the encoder, {@code [projection(picture), norm(projection(text))]}. */
public final class SceneProjection {
    private final Linear imageProjection;
    private final Linear textProjection;
    private final LayerNorm textNorm;

    SceneProjection(Linear imageProjection, Linear textProjection, LayerNorm textNorm) {
        this.imageProjection = imageProjection;
        this.textProjection = textProjection;
        this.textNorm = textNorm;
    }

    /** What a forward pass keeps. */
    public record Kept(SceneProjection projection, Context context, INDArray image, INDArray text, LayerStep norm)
            implements Step {
        /**
         * Adds the gradients of the projections.
         *
         * @param gradSource [batch, positions, width], not modified
         * @param gradImage in the shape of the picture's state, overwritten by the result
         * @param gradText in the shape of the text's state, overwritten by the result
         */
        public void backward(INDArray gradSource, INDArray gradImage, INDArray gradText) {
            Memory memory = context.memory();
            Ops ops = memory.ops();
            long cells = image.length() / (image.size(0) * image.size(-1));
            try (Arena.Scope scope = memory.scratch().scope()) {
                INDArray part = memory.scratch().array(gradSource.size(0), cells, gradSource.size(2));
                ops.copy(memory.tokens(gradSource, 0, cells), part);
                projection.imageProjection.addGradients(memory, image, part);
                projection.imageProjection.inputGradient(memory, part, gradImage, 0);
            }
            try (Arena.Scope scope = memory.scratch().scope()) {
                INDArray part =
                        memory.scratch().array(gradSource.size(0), gradSource.size(1) - cells, gradSource.size(2));
                ops.copy(memory.tokens(gradSource, cells, gradSource.size(1)), part);
                INDArray gradient = norm.backward(part);
                projection.textProjection.addGradients(memory, text, gradient);
                projection.textProjection.inputGradient(memory, gradient, gradText, 0);
            }
        }
    }

    /**
     * Computes and keeps nothing.
     *
     * @param image [batch, rows, columns, channels], not modified
     * @param text [batch, tokens, width of texts], not modified
     * @param source [batch, rows * columns + tokens, width], overwritten
     */
    public void infer(INDArray image, INDArray text, Context context, INDArray source) {
        compute(image, text, context, source, false);
    }

    /** Computes the same and keeps the two states. */
    public Kept forward(INDArray image, INDArray text, Context context, INDArray source) {
        LayerStep norm = compute(image, text, context, source, true);
        if (norm == null) {
            throw new IllegalStateException("a forward pass keeps its norm");
        }
        return new Kept(this, context, image, text, norm);
    }

    private @Nullable LayerStep compute(INDArray image, INDArray text, Context context, INDArray source, boolean keep) {
        Memory memory = context.memory();
        long cells = image.length() / (image.size(0) * image.size(-1));
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray projected = memory.scratch().array(image.size(0), cells, source.size(2));
            imageProjection.infer(memory.positions(image), context, projected);
            memory.ops().copy(projected, memory.tokens(source, 0, cells));
        }
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray projected = memory.scratch().array(text.size(0), text.size(1), source.size(2));
            LayerStep step = null;
            textProjection.infer(text, context, projected);
            if (keep) {
                step = textNorm.forward(projected, context, projected);
            } else {
                textNorm.infer(projected, context, projected);
            }
            memory.ops().copy(projected, memory.tokens(source, cells, source.size(1)));
            return step;
        }
    }
}
