package io.github.sherl4j.data;

import io.github.sherl4j.nd.Check;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Pictures of one size, scaled and normalised as their network expects, and their labels. A cache of states can find pictures
 * again that have keys.
 */
public final class ImageBatch implements KeyedBatch, LabelledBatch {
    private final INDArray pixels;
    private final int[] labels;
    private final @Nullable INDArray labelArray;
    private final List<?> keys;

    private ImageBatch(INDArray pixels, int[] labels, @Nullable INDArray labelArray, List<?> keys) {
        this.pixels = pixels;
        this.labels = labels;
        this.labelArray = labelArray;
        this.keys = List.copyOf(keys);
    }

    /**
     * A batch without keys.
     *
     * @param pixels [batch, height, width, channels], channels last, in C order; owned by the batch from now on
     * @param labels the class of each picture, or an empty array if they have none; copied
     */
    public static ImageBatch of(INDArray pixels, int[] labels) {
        Check.shape("pixels", pixels, Check.ANY, Check.ANY, Check.ANY, Check.ANY);
        Check.argument(
                labels.length == 0 || labels.length == pixels.size(0),
                "labels must be none or one for each of %s pictures, but are %s",
                pixels.size(0),
                labels.length);
        return new ImageBatch(
                pixels, labels.clone(), labels.length == 0 ? null : Nd4j.createFromArray(labels), List.of());
    }

    /**
     * The same pictures with keys; closing either closes both.
     *
     * @param newKeys one for each picture: two are equal only if the pixels are
     */
    public ImageBatch withKeys(List<?> newKeys) {
        Check.argument(
                newKeys.size() == size(),
                "newKeys must be one for each of %s pictures, but are %s",
                size(),
                newKeys.size());
        return new ImageBatch(pixels, labels, labelArray, newKeys);
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

    /** The keys; empty if there are none. */
    @Override
    public List<?> keys() {
        return keys;
    }

    @Override
    public int[] lengths() {
        int[] lengths = new int[size()];
        Arrays.fill(lengths, ALL_POSITIONS);
        return lengths;
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
