package io.github.sherl4j.backbone.dl4j;

import java.util.List;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A vertex that computes as Deeplearning4j does it. */
class VertexNode extends Node {
    private final GraphVertex vertex;
    private final BoundGraph graph;
    private final LayerWorkspaceMgr manager = LayerScratch.manager();
    private boolean masked;

    /** A node over an instance of its own of a vertex, made in a graph of its own. */
    VertexNode(String name, List<String> inputs, GraphVertex vertex, BoundGraph graph) {
        super(name, inputs);
        this.vertex = vertex;
        this.graph = graph;
    }

    /** The graph that has to know the batch. */
    final BoundGraph graph() {
        return graph;
    }

    @Override
    INDArray infer(Visit visit, Place place) {
        mask(visit);
        setInputs(visit);
        try {
            return LayerScratch.run(visit.memory(), place, () -> vertex.doForward(false, manager));
        } finally {
            vertex.clear();
        }
    }

    private void setInputs(Visit visit) {
        for (int i = 0; i < visit.inputs().size(); i++) {
            vertex.setInput(i, visit.inputs().get(i), manager);
        }
    }

    @Override
    boolean keepsInputs() {
        return true;
    }

    @Override
    void backward(KeptVisit kept, INDArray gradOutput, InputGradients gradients) {
        Visit visit = kept.visit();
        long weights = vertex.numParams();
        INDArray unused = weights == 0 ? null : gradients.temporary(weights);
        if (unused != null) {
            vertex.setBackpropGradientsViewArray(unused);
        }
        mask(visit);
        setInputs(visit);
        try {
            LayerScratch.run(
                    () -> {
                        vertex.doForward(false, manager);
                        vertex.setEpsilon(gradOutput);
                        return vertex.doBackward(false, manager).getSecond();
                    },
                    gradInputs -> IntStream.range(0, inputs().size()).forEach(i -> gradients.add(i, gradInputs[i])));
        } finally {
            vertex.clear();
        }
        if (unused != null) {
            gradients.release(unused);
        }
    }

    @Override
    Masked mask(Visit visit) {
        INDArray[] masks = visit.maskArrays();
        if (masks == null && !masked) {
            return Masked.NONE;
        }
        masked = masks != null;
        return Masked.of(vertex.feedForwardMaskArrays(masks, visit.maskState(), visit.batch()));
    }
}
