package io.github.sherl4j.data;

import io.github.sherl4j.nd.Check;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Pictures of one size, scaled and normalised as their network expects, and their labels. */
public final class ImageBatch implements LabelledBatch {
    private final INDArray pixels;
    private final int[] labels;
    private final @Nullable INDArray labelArray;

    private ImageBatch(INDArray pixels, int[] labels) {
        Check.shape("pixels", pixels, Check.ANY, Check.ANY, Check.ANY, Check.ANY);
        Check.argument(
                labels.length == 0 || labels.length == pixels.size(0),
                "labels must be none or one for each of %s pictures, but are %s",
                pixels.size(0),
                labels.length);
        this.pixels = pixels;
        this.labels = labels.clone();
        this.labelArray = labels.length == 0 ? null : Nd4j.createFromArray(labels);
    }

    /**
     * A batch.
     *
     * @param pixels [batch, height, width, channels], channels last, in C order; owned by the batch from now on
     * @param labels the class of each picture, or an empty array if they have none; copied
     */
    public static ImageBatch of(INDArray pixels, int[] labels) {
        return new ImageBatch(pixels, labels);
    }

    /** Pixels [batch, height, width, channels], not to be modified. */
    public INDArray pixels() {
        return pixels;
    }

    @Override
    public int[] labels() {
        return labels.clone();
    }

    @Override
    public INDArray labelArray() {
        if (labelArray == null) {
            throw new IllegalStateException("this batch has no labels");
        }
        return labelArray;
    }

    /** Number of pictures. */
    @Override
    public int size() {
        return (int) pixels.size(0);
    }

    /** Frees the arrays. */
    @Override
    public void close() {
        pixels.close();
        if (labelArray != null) {
            labelArray.close();
        }
    }
}
