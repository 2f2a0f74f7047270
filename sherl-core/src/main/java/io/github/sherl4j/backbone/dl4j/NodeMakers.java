package io.github.sherl4j.backbone.dl4j;

import java.util.List;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.AttentionVertex;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.FrozenVertex;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.layers.SelfAttentionLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.conf.layers.recurrent.Bidirectional;
import org.deeplearning4j.nn.conf.layers.samediff.AbstractSameDiffLayer;
import org.deeplearning4j.nn.conf.layers.samediff.SameDiffVertex;
import org.deeplearning4j.nn.conf.layers.wrapper.BaseWrapperLayer;
import org.deeplearning4j.nn.layers.BaseLayer;
import org.deeplearning4j.nn.layers.DropoutLayer;
import org.deeplearning4j.nn.layers.LossLayer;
import org.deeplearning4j.nn.layers.convolution.ConvolutionLayer;
import org.deeplearning4j.nn.layers.feedforward.dense.DenseLayer;
import org.deeplearning4j.nn.layers.normalization.BatchNormalization;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationRReLU;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Nodes for Deeplearning4j's layers and vertices, each over an instance of its own on the user's weights. */
final class NodeMakers {
    private static final String WRONG_IN_SAMEDIFF =
            "Deeplearning4j's gradient of the input of a layer made of SameDiff operations is wrong";

    private NodeMakers() {}

    /** The layer that learns or computes, out of its wrappings that only say that it is frozen. */
    static NeuralNetConfiguration unfrozen(NeuralNetConfiguration configuration) {
        NeuralNetConfiguration inner = configuration.clone();
        while (true) {
            if (inner.getLayer() instanceof FrozenLayer frozen) {
                inner = frozen.getInnerConf(inner);
            } else if (inner.getLayer() instanceof FrozenLayerWithBackprop frozen) {
                inner = frozen.getInnerConf(inner);
            } else {
                withoutNoise(inner.getLayer());
                return inner;
            }
        }
    }

    /** Dropout and weight noise, which are random, have no place in a frozen network; Deeplearning4j's backward passes draw them. */
    private static void withoutNoise(org.deeplearning4j.nn.conf.layers.Layer layer) {
        layer.setIDropout(null);
        if (layer instanceof org.deeplearning4j.nn.conf.layers.BaseLayer base) {
            base.setWeightNoise(null);
        }
        if (layer instanceof BaseWrapperLayer wrapper) {
            withoutNoise(wrapper.getUnderlying());
        }
        if (layer instanceof Bidirectional both) {
            withoutNoise(both.getFwd());
            withoutNoise(both.getBwd());
        }
    }

    /**
     * A node for a layer.
     *
     * @param configuration of {@link #unfrozen}, copied
     * @param weights the layer's flat weights; null if it has none
     */
    static Node layer(
            String name,
            String input,
            NeuralNetConfiguration configuration,
            int index,
            @Nullable INDArray weights,
            DataType type) {
        NeuralNetConfiguration own = configuration.clone();
        Layer layer = own.getLayer().instantiate(own, null, index, weights, false, type);
        if (layer instanceof DropoutLayer) {
            return new ActivationNode(name, input, layer, new ActivationIdentity());
        }
        if (layer instanceof org.deeplearning4j.nn.layers.ActivationLayer || layer instanceof LossLayer) {
            return new ActivationNode(name, input, layer, activation(own));
        }
        if (layer instanceof BaseLayer<?> dense && isDense(layer) && !dense.hasLayerNorm()) {
            return new DenseNode(name, input, dense, activation(own));
        }
        if (layer.getClass() == ConvolutionLayer.class && channelsFirst(own)) {
            return new ConvolutionNode(name, input, (ConvolutionLayer) layer);
        }
        if (layer instanceof BatchNormalization norm && norm.layerConf().getCnn2DFormat() == CNN2DFormat.NCHW) {
            return new BatchNormNode(name, input, norm);
        }
        if (own.getLayer() instanceof SelfAttentionLayer) {
            return new SelfAttentionNode(name, input, layer);
        }
        return new LayerNode(name, input, layer);
    }

    private static boolean isDense(Layer layer) {
        return layer.getClass() == DenseLayer.class
                || layer.getClass() == org.deeplearning4j.nn.layers.OutputLayer.class;
    }

    private static boolean channelsFirst(NeuralNetConfiguration configuration) {
        return ((org.deeplearning4j.nn.conf.layers.ConvolutionLayer) configuration.getLayer()).getCnn2dDataFormat()
                == CNN2DFormat.NCHW;
    }

    private static IActivation activation(NeuralNetConfiguration configuration) {
        org.deeplearning4j.nn.conf.layers.Layer layer = configuration.getLayer();
        if (layer instanceof org.deeplearning4j.nn.conf.layers.ActivationLayer only) {
            return only.getActivationFn();
        }
        return ((org.deeplearning4j.nn.conf.layers.BaseLayer) layer).getActivationFn();
    }

    /** A node for a vertex that is no layer. */
    static Node vertex(
            String name,
            List<String> inputs,
            GraphVertex configuration,
            int index,
            @Nullable INDArray weights,
            DataType type,
            BoundGraph graph) {
        GraphVertex own = configuration.clone();
        while (own instanceof FrozenVertex frozen) {
            own = frozen.getUnderlying();
        }
        org.deeplearning4j.nn.graph.vertex.GraphVertex vertex =
                own.instantiate(graph, name, index, weights, false, type);
        vertex.setInputVertices(new org.deeplearning4j.nn.graph.vertex.VertexIndices[inputs.size()]);
        if (own instanceof ElementWiseVertex elementWise
                && elementWise.equals(new ElementWiseVertex(ElementWiseVertex.Op.Add))) {
            return new SumNode(name, inputs, vertex, graph);
        }
        if (own instanceof AttentionVertex) {
            return new AttentionVertexNode(name, inputs, vertex, graph);
        }
        return new VertexNode(name, inputs, vertex, graph);
    }

    /** Why no gradient can be sent through a layer, or null if it can. */
    static @Nullable String refusal(NeuralNetConfiguration configuration) {
        org.deeplearning4j.nn.conf.layers.Layer conf = configuration.getLayer();
        if (conf instanceof org.deeplearning4j.nn.conf.layers.EmbeddingLayer
                || conf instanceof org.deeplearning4j.nn.conf.layers.EmbeddingSequenceLayer) {
            return "its input is indices, which have no gradient";
        }
        boolean output = conf instanceof org.deeplearning4j.nn.conf.layers.BaseOutputLayer
                && conf.getClass() != org.deeplearning4j.nn.conf.layers.OutputLayer.class;
        if (output
                || conf instanceof org.deeplearning4j.nn.conf.layers.RnnLossLayer
                || conf instanceof org.deeplearning4j.nn.conf.layers.CnnLossLayer
                || conf instanceof org.deeplearning4j.nn.conf.layers.Cnn3DLossLayer
                || conf instanceof org.deeplearning4j.nn.conf.layers.samediff.SameDiffOutputLayer
                || conf instanceof org.deeplearning4j.nn.conf.layers.objdetect.Yolo2OutputLayer) {
            return "Deeplearning4j computes its gradient from labels alone, so the late part has to end before it";
        }
        if (conf instanceof AbstractSameDiffLayer && !(conf instanceof SelfAttentionLayer)) {
            return WRONG_IN_SAMEDIFF;
        }
        if (conf instanceof org.deeplearning4j.nn.conf.layers.BatchNormalization norm
                && norm.getCnn2DFormat() != CNN2DFormat.NCHW) {
            return "Deeplearning4j's gradient of a batch norm is that of training, and here channels come last";
        }
        if ((conf instanceof org.deeplearning4j.nn.conf.layers.BaseLayer base
                        && base.getActivationFn() instanceof ActivationRReLU)
                || (conf instanceof org.deeplearning4j.nn.conf.layers.ActivationLayer only
                        && only.getActivationFn() instanceof ActivationRReLU)) {
            return "its activation RReLU draws random slopes in Deeplearning4j's backward pass";
        }
        return null;
    }

    /** Why no gradient can be sent through a vertex, or null if it can. */
    static @Nullable String refusal(GraphVertex configuration) {
        return configuration instanceof SameDiffVertex && !(configuration instanceof AttentionVertex)
                ? WRONG_IN_SAMEDIFF
                : null;
    }
}
