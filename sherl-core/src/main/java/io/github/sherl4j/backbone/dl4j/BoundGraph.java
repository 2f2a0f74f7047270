package io.github.sherl4j.backbone.dl4j;

import io.github.sherl4j.data.GraphBatch;
import java.util.List;
import java.util.Optional;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The graph that vertices are made in: a shell without layers that tells them the batch's inputs and masks. */
final class BoundGraph extends ComputationGraph {
    private static final long serialVersionUID = 1;

    private transient List<INDArray> features = List.of();
    private transient INDArray @Nullable [] masks;

    BoundGraph(ComputationGraphConfiguration configuration) {
        super(configuration);
    }

    void bind(GraphBatch batch) {
        features = batch.features();
        masks = batch.featureMasks().stream().allMatch(Optional::isEmpty)
                ? null
                : batch.featureMasks().stream().map(mask -> mask.orElse(null)).toArray(INDArray[]::new);
    }

    @Override
    public INDArray getInput(int index) {
        return features.get(index);
    }

    @Override
    public INDArray @Nullable [] getInputMaskArrays() {
        return masks;
    }

    @Override
    public int batchSize() {
        return (int) features.get(0).size(0);
    }
}
