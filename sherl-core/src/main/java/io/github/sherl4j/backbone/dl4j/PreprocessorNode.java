package io.github.sherl4j.backbone.dl4j;

import java.util.List;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What stands between two layers of different kinds, such as the flattening of a grid. */
final class PreprocessorNode extends Node {
    private final InputPreProcessor preprocessor;
    private final LayerWorkspaceMgr manager = LayerScratch.manager();

    PreprocessorNode(String name, String input, InputPreProcessor preprocessor) {
        super(name, List.of(input));
        this.preprocessor = preprocessor;
    }

    @Override
    INDArray infer(Visit visit, Place place) {
        return LayerScratch.run(
                visit.memory(), place, () -> preprocessor.preProcess(visit.input(), visit.batch(), manager));
    }

    @Override
    boolean keepsInputs() {
        return false;
    }

    @Override
    void backward(KeptVisit kept, INDArray gradOutput, InputGradients gradients) {
        LayerScratch.run(
                () -> preprocessor.backprop(gradOutput, kept.batch(), manager),
                gradInput -> gradients.add(0, gradInput));
    }

    @Override
    Masked mask(Visit visit) {
        if (visit.masks().get(0).mask() == null) {
            return visit.masks().get(0);
        }
        return Masked.of(preprocessor.feedForwardMaskArray(
                visit.masks().get(0).mask(), visit.masks().get(0).state(), visit.batch()));
    }
}
