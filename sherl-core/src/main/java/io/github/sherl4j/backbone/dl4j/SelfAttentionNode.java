package io.github.sherl4j.backbone.dl4j;

import java.util.List;
import org.deeplearning4j.nn.api.Layer;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Self-attention over time series, whose gradient of the input is nothing but zeros in Deeplearning4j. */
final class SelfAttentionNode extends LayerNode {
    private static final int[] ALL_THE_SAME = {0, 0, 0};

    SelfAttentionNode(String name, String input, Layer layer) {
        super(name, input, layer);
    }

    @Override
    void backward(KeptVisit kept, INDArray gradOutput, InputGradients gradients) {
        INDArray input = kept.inputs().get(0);
        Attention.backward(
                kept.memory(),
                List.of(input, input, input),
                Attention.projections(layer().paramTable()),
                kept.masks().get(0).mask(),
                gradOutput,
                ALL_THE_SAME,
                gradients);
    }
}
