package io.github.sherl4j.backbone.dl4j;

import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.Memory;
import java.util.List;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Attention of one time series to another, whose gradients of the inputs are nothing but zeros in Deeplearning4j. */
final class AttentionVertexNode extends VertexNode {
    private static final int[] OF_TWO = {0, 1, 1};
    private static final int[] OF_THREE = {0, 1, 2};

    private final List<INDArray> projections;

    AttentionVertexNode(String name, List<String> inputs, GraphVertex vertex, BoundGraph graph) {
        super(name, inputs, vertex, graph);
        this.projections = Attention.projections(vertex.paramTable(false));
    }

    @Override
    void backward(KeptVisit kept, INDArray gradOutput, InputGradients gradients) {
        Memory memory = kept.memory();
        int[] places = kept.inputs().size() == 2 ? OF_TWO : OF_THREE;
        INDArray queryMask = kept.masks().get(0).mask();
        if (queryMask != null) {
            try (Arena.Scope scope = memory.scratch().scope()) {
                INDArray factors = memory.scratch().array(queryMask.size(0), 1, queryMask.size(1));
                memory.ops().copy(queryMask, memory.reshape(factors, queryMask.shape()));
                memory.ops().multiply(gradOutput, factors, gradOutput);
            }
        }
        Attention.backward(
                memory,
                List.of(
                        kept.inputs().get(places[0]),
                        kept.inputs().get(places[1]),
                        kept.inputs().get(places[2])),
                projections,
                smaller(
                        kept.masks().get(places[1]).mask(),
                        kept.masks().get(places[2]).mask()),
                gradOutput,
                places,
                gradients);
    }

    private static @Nullable INDArray smaller(@Nullable INDArray keys, @Nullable INDArray values) {
        if (keys == null || values == null || keys == values) {
            return keys == null ? values : keys;
        }
        return keys.mul(values);
    }
}
