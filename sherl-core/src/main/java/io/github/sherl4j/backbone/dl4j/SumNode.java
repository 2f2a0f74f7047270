package io.github.sherl4j.backbone.dl4j;

import io.github.sherl4j.nd.Ops;
import java.util.Arrays;
import java.util.List;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The sum of results of one shape, as at the end of a residual block. */
final class SumNode extends VertexNode {
    SumNode(String name, List<String> inputs, GraphVertex vertex, BoundGraph graph) {
        super(name, inputs, vertex, graph);
    }

    @Override
    INDArray infer(Visit visit, Place place) {
        if (!oneShape(visit.inputs().stream().map(INDArray::shape).toList())) {
            return super.infer(visit, place);
        }
        Ops ops = visit.memory().ops();
        INDArray result = place.array(visit.input().shape());
        ops.add(visit.inputs().get(0), visit.inputs().get(1), result);
        for (INDArray more : visit.inputs().subList(2, visit.inputs().size())) {
            ops.add(result, more, result);
        }
        return result;
    }

    @Override
    boolean keepsInputs() {
        return false;
    }

    @Override
    void backward(KeptVisit kept, INDArray gradOutput, InputGradients gradients) {
        if (!oneShape(kept.inputShapes())) {
            broadcast(kept, gradOutput, gradients);
            return;
        }
        for (int i = 0; i < inputs().size(); i++) {
            gradients.add(i, gradOutput);
        }
    }

    /** Deeplearning4j looks at nothing of the inputs but their shapes. */
    private void broadcast(KeptVisit kept, INDArray gradOutput, InputGradients gradients) {
        List<INDArray> shapes =
                kept.inputShapes().stream().map(gradients::temporary).toList();
        super.backward(
                new KeptVisit(kept.memory(), kept.batch(), shapes, kept.inputShapes(), kept.masks(), null),
                gradOutput,
                gradients);
        shapes.forEach(gradients::release);
    }

    private static boolean oneShape(List<long[]> shapes) {
        return shapes.size() > 1 && shapes.stream().allMatch(shape -> Arrays.equals(shape, shapes.get(0)));
    }
}
