package io.github.sherl4j.data;

import io.github.sherl4j.nd.Check;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.DataSet;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/**
 * A batch for a network of Deeplearning4j: what a {@code DataSet} or {@code MultiDataSet} holds, in the network's own shapes.
 * The arrays stay owned by whoever made them.
 *
 * @param features one array for each input of the network, [batch, ...]
 * @param featureMasks as many, where there are masks: 1 for what counts and 0 for padding, [batch, time] for time series
 * @param labels targets, one array for each output; none where nothing is known of them
 * @param labelMasks as many as labels, where there are masks
 */
public record GraphBatch(
        List<INDArray> features,
        List<Optional<INDArray>> featureMasks,
        List<INDArray> labels,
        List<Optional<INDArray>> labelMasks)
        implements Batch {
    /** Checks and copies the lists. */
    public GraphBatch {
        features = List.copyOf(features);
        featureMasks = List.copyOf(featureMasks);
        labels = List.copyOf(labels);
        labelMasks = List.copyOf(labelMasks);
        Check.argument(!features.isEmpty(), "features must be at least one array, but are none");
        long size = features.get(0).size(0);
        for (INDArray array : features) {
            Check.argument(
                    array.size(0) == size,
                    "features must have as many examples in each array, but have %s and %s",
                    size,
                    array.size(0));
        }
        Check.argument(
                featureMasks.size() == features.size(),
                "featureMasks must be one for each of %s features, but are %s",
                features.size(),
                featureMasks.size());
        Check.argument(
                labelMasks.size() == labels.size(),
                "labelMasks must be one for each of %s labels, but are %s",
                labels.size(),
                labelMasks.size());
        for (INDArray array : labels) {
            Check.argument(
                    array.size(0) == size,
                    "labels must have as many examples as features, %s, but have %s",
                    size,
                    array.size(0));
        }
    }

    /** A batch of features alone. */
    public static GraphBatch of(INDArray... features) {
        return of(features, null, null, null);
    }

    /** A batch of one input and one output. */
    public static GraphBatch of(DataSet data) {
        return of(
                array(data.getFeatures()),
                array(data.getFeaturesMaskArray()),
                array(data.getLabels()),
                array(data.getLabelsMaskArray()));
    }

    /** A batch of any number of inputs and outputs. */
    public static GraphBatch of(MultiDataSet data) {
        return of(data.getFeatures(), data.getFeaturesMaskArrays(), data.getLabels(), data.getLabelsMaskArrays());
    }

    private static INDArray @Nullable [] array(@Nullable INDArray one) {
        return one == null ? null : new INDArray[] {one};
    }

    private static GraphBatch of(
            INDArray @Nullable [] features,
            @Nullable INDArray @Nullable [] featureMasks,
            INDArray @Nullable [] labels,
            @Nullable INDArray @Nullable [] labelMasks) {
        List<INDArray> inputs = features == null ? List.of() : List.of(features);
        List<INDArray> targets = labels == null ? List.of() : List.of(labels);
        return new GraphBatch(inputs, masks(featureMasks, inputs.size()), targets, masks(labelMasks, targets.size()));
    }

    private static List<Optional<INDArray>> masks(@Nullable INDArray @Nullable [] masks, int count) {
        if (masks == null) {
            return Collections.nCopies(count, Optional.empty());
        }
        List<Optional<INDArray>> list = new ArrayList<>();
        for (INDArray mask : masks) {
            list.add(Optional.ofNullable(mask));
        }
        return list;
    }

    @Override
    public int size() {
        return (int) features.get(0).size(0);
    }

    /** Does nothing: the arrays are not owned. */
    @Override
    public void close() {
        // The arrays belong to the data set that they came from.
    }
}
