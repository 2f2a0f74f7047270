package io.github.sherl4j.backbone.dl4j;

import io.github.sherl4j.nd.Check;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.BaseOutputLayer;
import org.deeplearning4j.nn.conf.layers.BaseRecurrentLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Reads Deeplearning4j's networks. */
final class Blueprints {
    /** A preprocessor stands before its layer as a part of its own. */
    private static final String PREPROCESSOR = "/preprocessor";

    private static final String CHAIN_INPUT = "input";

    private Blueprints() {}

    static Blueprint of(ComputationGraph graph) {
        Check.argument(graph.getVertices() != null, "graph must be initialised: call its init() first");
        ComputationGraphConfiguration configuration = graph.getConfiguration();
        DataType type = configuration.getDataType();
        Map<String, Blueprint.Part> parts = new LinkedHashMap<>();
        boolean channelsLast = false;
        for (int index : graph.topologicalSortOrder()) {
            GraphVertex vertex = graph.getVertices()[index];
            if (vertex.isInputVertex()) {
                continue;
            }
            String name = vertex.getVertexName();
            List<String> inputs =
                    Objects.requireNonNull(configuration.getVertexInputs().get(name));
            org.deeplearning4j.nn.conf.graph.GraphVertex conf =
                    Objects.requireNonNull(configuration.getVertices().get(name));
            if (conf instanceof LayerVertex layer) {
                channelsLast |= channelsLast(layer.getLayerConf().getLayer());
                addLayer(
                        parts,
                        name,
                        inputs.get(0),
                        layer.getPreProcessor(),
                        layer.getLayerConf(),
                        index,
                        vertex.getLayer(),
                        type);
            } else {
                INDArray weights = vertex.params();
                parts.put(
                        name,
                        new Blueprint.Part(
                                name,
                                inputs,
                                weightsOf(vertex.paramTable(false)),
                                NodeMakers.refusal(conf),
                                bound -> NodeMakers.vertex(
                                        name, inputs, conf, index, weights, type, Objects.requireNonNull(bound))));
            }
        }
        return new Blueprint(
                configuration,
                configuration.getNetworkInputs(),
                parts,
                beforeOutput(configuration.getNetworkOutputs().get(0), parts, name -> {
                    org.deeplearning4j.nn.conf.graph.GraphVertex conf =
                            configuration.getVertices().get(name);
                    return conf instanceof LayerVertex layer
                            && isOutput(layer.getLayerConf().getLayer());
                }),
                type,
                channelsLast);
    }

    static Blueprint of(MultiLayerNetwork network) {
        Check.argument(network.getLayers() != null, "network must be initialised: call its init() first");
        DataType type = network.getLayerWiseConfigurations().getDataType();
        Map<String, Blueprint.Part> parts = new LinkedHashMap<>();
        boolean channelsLast = false;
        List<String> names = network.getLayerNames();
        String input = CHAIN_INPUT;
        String beforeOutput = CHAIN_INPUT;
        for (int i = 0; i < names.size(); i++) {
            NeuralNetConfiguration configuration =
                    network.getLayerWiseConfigurations().getConf(i);
            InputPreProcessor preprocessor =
                    network.getLayerWiseConfigurations().getInputPreProcess(i);
            String name = names.get(i);
            channelsLast |= channelsLast(configuration.getLayer());
            addLayer(parts, name, input, preprocessor, configuration, i, network.getLayer(i), type);
            input = name;
            if (!isOutput(configuration.getLayer())) {
                beforeOutput = name;
            }
        }
        return new Blueprint(null, List.of(CHAIN_INPUT), parts, beforeOutput, type, channelsLast);
    }

    private static void addLayer(
            Map<String, Blueprint.Part> parts,
            String name,
            String input,
            @Nullable InputPreProcessor preprocessor,
            NeuralNetConfiguration configuration,
            int index,
            org.deeplearning4j.nn.api.Layer layer,
            DataType type) {
        String from = input;
        if (preprocessor != null) {
            String before = name + PREPROCESSOR;
            parts.put(
                    before,
                    new Blueprint.Part(
                            before,
                            List.of(input),
                            Map.of(),
                            null,
                            bound -> new PreprocessorNode(before, input, preprocessor.clone())));
            from = before;
        }
        String reads = from;
        NeuralNetConfiguration unfrozen = NodeMakers.unfrozen(configuration);
        INDArray weights = layer.params();
        parts.put(
                name,
                new Blueprint.Part(
                        name,
                        List.of(reads),
                        weightsOf(layer.paramTable()),
                        NodeMakers.refusal(unfrozen),
                        bound -> NodeMakers.layer(name, reads, unfrozen, index, weights, type)));
    }

    private static Map<String, INDArray> weightsOf(@Nullable Map<String, INDArray> table) {
        return table == null ? Map.of() : new LinkedHashMap<>(table);
    }

    private static String beforeOutput(String output, Map<String, Blueprint.Part> parts, Predicate<String> isOutput) {
        String name = output;
        if (isOutput.test(name)) {
            name = Objects.requireNonNull(parts.get(name)).inputs().get(0);
        }
        return name.endsWith(PREPROCESSOR)
                ? Objects.requireNonNull(parts.get(name)).inputs().get(0)
                : name;
    }

    private static boolean isOutput(Layer layer) {
        return layer instanceof BaseOutputLayer
                || layer instanceof LossLayer
                || layer instanceof org.deeplearning4j.nn.conf.layers.RnnLossLayer
                || layer instanceof org.deeplearning4j.nn.conf.layers.CnnLossLayer
                || layer instanceof org.deeplearning4j.nn.conf.layers.Cnn3DLossLayer
                || layer instanceof org.deeplearning4j.nn.conf.layers.samediff.SameDiffOutputLayer
                || layer instanceof org.deeplearning4j.nn.conf.layers.objdetect.Yolo2OutputLayer;
    }

    private static boolean channelsLast(Layer layer) {
        if (layer instanceof ConvolutionLayer convolution) {
            return convolution.getCnn2dDataFormat() == CNN2DFormat.NHWC;
        }
        if (layer instanceof SubsamplingLayer pooling) {
            return pooling.getCnn2dDataFormat() == CNN2DFormat.NHWC;
        }
        if (layer instanceof BatchNormalization norm) {
            return norm.getCnn2DFormat() == CNN2DFormat.NHWC;
        }
        return layer instanceof BaseRecurrentLayer recurrent && recurrent.getRnnDataFormat() == RNNFormat.NWC;
    }
}
