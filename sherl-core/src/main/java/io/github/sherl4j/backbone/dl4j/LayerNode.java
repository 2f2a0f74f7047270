package io.github.sherl4j.backbone.dl4j;

import java.util.List;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.layers.recurrent.BidirectionalLayer;
import org.deeplearning4j.nn.layers.wrapper.BaseWrapperLayer;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A layer that computes as Deeplearning4j does it, backwards too. There Deeplearning4j offers no way around the gradients of
 * weights: they are computed into scratch memory and not looked at. Layers without weights lose nothing by it.
 */
class LayerNode extends Node {
    private final Layer layer;
    private final LayerWorkspaceMgr manager = LayerScratch.manager();
    private final boolean activatesFirst;

    /** A node over an instance of its own of a layer without a preprocessor. */
    LayerNode(String name, String input, Layer layer) {
        super(name, List.of(input));
        this.layer = layer;
        this.activatesFirst = layer instanceof BaseWrapperLayer || layer instanceof BidirectionalLayer;
    }

    final Layer layer() {
        return layer;
    }

    @Override
    INDArray infer(Visit visit, Place place) {
        mask(visit);
        try {
            return LayerScratch.run(visit.memory(), place, () -> {
                setInput(visit);
                return layer.activate(false, manager);
            });
        } finally {
            layer.clear();
        }
    }

    /** A copy, since some layers overwrite their input in inference. */
    private void setInput(Visit visit) {
        layer.setInput(visit.input().dup('c'), manager);
    }

    @Override
    boolean keepsInputs() {
        return true;
    }

    @Override
    void backward(KeptVisit kept, INDArray gradOutput, InputGradients gradients) {
        Visit visit = kept.visit();
        long weights = layer.numParams();
        INDArray unused = weights == 0 ? null : gradients.temporary(weights);
        if (unused != null) {
            layer.setBackpropGradientsViewArray(unused);
        }
        mask(visit);
        try {
            LayerScratch.run(
                    () -> {
                        setInput(visit);
                        if (activatesFirst) {
                            layer.activate(false, manager);
                        }
                        return layer.backpropGradient(gradOutput, manager).getSecond();
                    },
                    gradInput -> gradients.add(0, gradInput));
        } finally {
            layer.clear();
        }
        if (unused != null) {
            gradients.release(unused);
        }
    }

    @Override
    Masked mask(Visit visit) {
        Masked incoming = visit.masks().get(0);
        if (incoming.mask() == null) {
            layer.setMaskArray(null);
            return incoming;
        }
        return Masked.of(layer.feedForwardMaskArray(incoming.mask(), incoming.state(), visit.batch()));
    }
}
