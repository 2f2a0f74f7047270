package io.github.sherl4j.backbone;

import io.github.sherl4j.data.ImageBatch;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.LayerNorm;
import io.github.sherl4j.layer.LayerStep;
import io.github.sherl4j.layer.Linear;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.Check;
import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.nd.Ops;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * State 0 of a vision transformer (Dosovitskiy et al. 2021, equation 1): a class token, then each square patch of the picture
 * through one projection, plus a learned position each, and a layer norm in networks that have one there. Patches are cut once
 * and multiplied by the projection at once: that is the convolution whose stride is its size.
 */
public final class PatchStem implements Backbone.Stem<ImageBatch> {
    private final Linear projection;
    private final Parameter classToken;
    private final Parameter positions;
    private final @Nullable LayerNorm norm;
    private final int patch;

    /**
     * A stem over its parameters.
     *
     * @param projection [width, patch * patch * channels]: a patch row by row, channels last
     * @param classToken [width]
     * @param positions [patches + 1, width], that of the class token first
     * @param norm over the width; null for none
     * @param patch side of a patch in pixels
     */
    public PatchStem(
            Linear projection, Parameter classToken, Parameter positions, @Nullable LayerNorm norm, int patch) {
        Check.argument(patch > 0, "patch must be positive, but is %s", patch);
        long width = projection.outputShape(0)[0];
        Check.shape(classToken.name(), classToken.value(), width);
        Check.shape(positions.name(), positions.value(), Check.ANY, width);
        this.projection = projection;
        this.classToken = classToken;
        this.positions = positions;
        this.norm = norm;
        this.patch = patch;
    }

    /**
     * Weights of a convolution as those of the projection.
     *
     * @param convolution [width, channels, patch, patch], closed
     * @return [width, patch * patch * channels], owned by the caller
     */
    public static INDArray projectionWeight(INDArray convolution) {
        try (convolution) {
            long width = convolution.size(0);
            INDArray channelsLast = convolution.permute(0, 2, 3, 1); // [width, patch, patch, channels]
            INDArray weight = Nd4j.createUninitialized(convolution.dataType(), width, convolution.length() / width);
            weight.reshape('c', true, channelsLast.shape()).assign(channelsLast);
            return weight;
        }
    }

    /** The patches [batch * patches, patch * patch * channels], only where the projection is trainable. */
    private record Kept(
            PatchStem stem,
            Context context,
            @Nullable INDArray patches,
            @Nullable LayerStep norm) implements Backbone.StemStep {
        @Override
        public void backward(INDArray gradOutput) {
            stem.addGradients(context.memory(), patches, norm == null ? gradOutput : norm.backward(gradOutput));
        }
    }

    @Override
    public void infer(ImageBatch batch, Context context, INDArray result) {
        Arena scratch = context.memory().scratch();
        try (Arena.Scope scope = scratch.scope()) {
            compute(batch, context, scratch, result);
        }
        if (norm != null) {
            norm.infer(result, context, result);
        }
    }

    @Override
    public Backbone.StemStep forward(ImageBatch batch, Context context, INDArray result) {
        Memory memory = context.memory();
        boolean keepsPatches = projection.parameters().get(0).trainable();
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray patches = compute(batch, context, keepsPatches ? memory.step() : memory.scratch(), result);
            LayerStep normStep = norm == null ? null : norm.forward(result, context, result);
            return new Kept(this, context, keepsPatches ? patches : null, normStep);
        }
    }

    private INDArray compute(ImageBatch batch, Context context, Arena lifetime, INDArray result) {
        Memory memory = context.memory();
        Ops ops = memory.ops();
        INDArray pixels = batch.pixels();
        long rows = pixels.size(1) / patch;
        long columns = pixels.size(2) / patch;
        long length = (long) patch * patch * pixels.size(3);
        long width = result.size(2);
        INDArray patches = lifetime.array(batch.size(), rows, columns, length);
        INDArray flat = memory.reshape(patches, batch.size() * rows * columns, length);
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray typed = pixels;
            if (pixels.dataType() != memory.type()) {
                typed = memory.scratch().array(pixels.shape());
                ops.copy(pixels, typed);
            }
            ops.patches(typed, patch, patches);
        }
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray projected = memory.scratch().array(batch.size(), rows * columns, width);
            projection.infer(flat, context, memory.rows(projected));
            ops.copy(projected, memory.tokens(result, 1, result.size(1)));
        }
        ops.repeatRow(classToken.value(), memory.firstToken(result));
        INDArray byPicture =
                memory.reshape(result, batch.size(), positions.value().length());
        ops.addRow(
                byPicture, memory.reshape(positions.value(), positions.value().length()), byPicture);
        return flat;
    }

    private void addGradients(Memory memory, @Nullable INDArray patches, INDArray gradient) {
        Ops ops = memory.ops();
        if (positions.trainable()) {
            INDArray byPicture =
                    memory.reshape(gradient, gradient.size(0), positions.value().length());
            ops.sumColumns(byPicture, column(memory, positions.gradient()), 1);
        }
        if (classToken.trainable()) {
            ops.sumColumns(memory.firstToken(gradient), column(memory, classToken.gradient()), 1);
        }
        if (projection.parameters().stream().anyMatch(Parameter::trainable)) {
            try (Arena.Scope scope = memory.scratch().scope()) {
                INDArray projected = memory.scratch().array(gradient.size(0), gradient.size(1) - 1, gradient.size(2));
                ops.copy(memory.tokens(gradient, 1, gradient.size(1)), projected);
                projection.addGradients(memory, patches, memory.rows(projected));
            }
        }
    }

    private static INDArray column(Memory memory, INDArray array) {
        return memory.reshape(array, array.length(), 1);
    }
}
