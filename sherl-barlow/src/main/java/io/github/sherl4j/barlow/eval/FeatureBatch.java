package io.github.sherl4j.barlow.eval;

import io.github.sherl4j.data.LabelledBatch;
import io.github.sherl4j.nd.HostFloats;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Features of some pictures and their classes. */
public final class FeatureBatch implements LabelledBatch {
    private final HostFloats values;
    private final int[] labels;
    private final INDArray labelArray;

    FeatureBatch(HostFloats values, int[] labels) {
        this.values = values;
        this.labels = labels;
        this.labelArray = Nd4j.createFromArray(labels);
    }

    /** [batch, width], FLOAT, owned by this batch, not to be modified. */
    public INDArray values() {
        return values.array();
    }

    @Override
    public int[] labels() {
        return labels.clone();
    }

    @Override
    public INDArray labelArray() {
        return labelArray;
    }

    @Override
    public int size() {
        return labels.length;
    }

    @Override
    public void close() {
        values.close();
        labelArray.close();
    }
}
