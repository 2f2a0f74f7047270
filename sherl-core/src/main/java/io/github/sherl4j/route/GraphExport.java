package io.github.sherl4j.route;

import io.github.sherl4j.adapter.SherlAdapter;
import io.github.sherl4j.backbone.dl4j.Layout;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.nd.Check;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.NoOp;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Writes network, adapter and head as one graph. */
final class GraphExport {
    private static final String ADAPTER = "sherl-adapter";
    private static final String POOL = "sherl-pool";
    private static final String HEAD = "sherl-head";
    private static final int[] GRID_CHANNELS_LAST = {1, 2};

    private GraphExport() {}

    static ComputationGraph export(GraphModel model, ComputationGraph source) {
        SherlAdapter adapter = model.adapter();
        if (adapter == null) {
            throw new IllegalArgumentException("The model has no adapter to export: its head alone was trained");
        }
        List<String> states = model.backbone().names();
        String cut = states.get(states.size() - 1);
        checkSource(model, source);
        checkNames(model, source.getConfiguration());
        ComputationGraphConfiguration configuration = source.getConfiguration().clone();
        Map<String, GraphVertex> vertices = new LinkedHashMap<>(configuration.getVertices());
        Map<String, List<String>> inputs = new LinkedHashMap<>(configuration.getVertexInputs());
        inputs.replaceAll((name, read) ->
                read.stream().map(input -> input.equals(cut) ? ADAPTER : input).toList());
        vertices.put(ADAPTER, vertex(model, adapter));
        inputs.put(ADAPTER, states);
        String last = model.backbone().output();
        addHead(model, last.equals(cut) ? ADAPTER : last, vertices, inputs);
        keepWhatLeadsToTheHead(configuration, vertices, inputs);
        ComputationGraph graph = new ComputationGraph(configuration);
        graph.init();
        copyWeights(model, adapter, source, graph);
        return graph;
    }

    private static void checkSource(GraphModel model, ComputationGraph source) {
        Map<String, INDArray> weights = source.paramTable();
        for (Parameter parameter : model.backbone().parameters()) {
            boolean shared = weights.values().stream().anyMatch(weight -> weight == parameter.value());
            Check.argument(
                    shared,
                    "source must be the graph that the backbone was cut from, but its %s is another",
                    parameter.name());
        }
    }

    private static void checkNames(GraphModel model, ComputationGraphConfiguration configuration) {
        for (String state : model.backbone().names()) {
            Check.argument(
                    configuration.getVertices().containsKey(state)
                            || configuration.getNetworkInputs().contains(state),
                    "State %s is no vertex of the graph but a layer's preprocessor, so it cannot be exported: tap or cut"
                            + " at the vertex before it",
                    state);
        }
        for (String name : List.of(ADAPTER, POOL, HEAD)) {
            Check.argument(
                    !configuration.getVertices().containsKey(name),
                    "The graph has a vertex %s already, so it cannot be exported: was it exported before?",
                    name);
        }
    }

    private static SherlVertex vertex(GraphModel model, SherlAdapter adapter) {
        return SherlVertex.of(
                adapter.options(), adapter.stateWidths(), model.backbone().layout());
    }

    private static void addHead(
            GraphModel model, String last, Map<String, GraphVertex> vertices, Map<String, List<String>> inputs) {
        boolean channelsLast = model.backbone().layout() == Layout.CHANNELS_LAST;
        Check.argument(
                !channelsLast || model.outputRank() != 3, "A time series with its channels last cannot be exported");
        String from = last;
        if (model.outputRank() > 2 && !model.eachStep()) {
            GlobalPoolingLayer.Builder pool = new GlobalPoolingLayer.Builder().poolingType(PoolingType.AVG);
            if (channelsLast) {
                pool.poolingDimensions(GRID_CHANNELS_LAST);
            }
            vertices.put(POOL, layer(POOL, pool.build(), model.backbone().type()));
            inputs.put(POOL, List.of(last));
            from = POOL;
        }
        INDArray weight = model.head().parameters().get(0).value();
        long in = weight.size(1);
        long out = weight.size(0);
        Activation activation = switch (model.task()) {
            case CLASSES -> Activation.SOFTMAX;
            case LABELS -> Activation.SIGMOID;
            case NUMBERS -> Activation.IDENTITY;
        };
        LossFunction loss = switch (model.task()) {
            case CLASSES -> LossFunction.MCXENT;
            case LABELS -> LossFunction.XENT;
            case NUMBERS -> LossFunction.MSE;
        };
        Layer head = model.eachStep()
                ? new RnnOutputLayer.Builder(loss)
                        .nIn(in)
                        .nOut(out)
                        .activation(activation)
                        .build()
                : new OutputLayer.Builder(loss)
                        .nIn(in)
                        .nOut(out)
                        .activation(activation)
                        .build();
        vertices.put(HEAD, layer(HEAD, head, model.backbone().type()));
        inputs.put(HEAD, List.of(from));
    }

    private static LayerVertex layer(String name, Layer layer, DataType type) {
        layer.setLayerName(name);
        NeuralNetConfiguration configuration = new NeuralNetConfiguration.Builder()
                .updater(new NoOp())
                .dataType(type)
                .layer(layer)
                .build();
        return new LayerVertex(configuration, null);
    }

    private static void keepWhatLeadsToTheHead(
            ComputationGraphConfiguration configuration,
            Map<String, GraphVertex> vertices,
            Map<String, List<String>> inputs) {
        Set<String> needed = new HashSet<>();
        List<String> open = new ArrayList<>(List.of(HEAD));
        while (!open.isEmpty()) {
            String name = open.remove(open.size() - 1);
            if (needed.add(name)) {
                open.addAll(inputs.getOrDefault(name, Collections.emptyList()));
            }
        }
        vertices.keySet().retainAll(needed);
        inputs.keySet().retainAll(needed);
        configuration.setVertices(vertices);
        configuration.setVertexInputs(inputs);
        configuration.setNetworkOutputs(List.of(HEAD));
        configuration.setTopologicalOrder(null);
        configuration.setTopologicalOrderStr(null);
    }

    private static void copyWeights(
            GraphModel model, SherlAdapter adapter, ComputationGraph source, ComputationGraph graph) {
        for (org.deeplearning4j.nn.graph.vertex.GraphVertex vertex : graph.getVertices()) {
            String name = vertex.getVertexName();
            if (name.equals(ADAPTER)) {
                SherlVertexImpl.copyWeights(adapter, vertex.params());
            } else if (!name.equals(HEAD) && vertex.params() != null) {
                vertex.params().assign(source.getVertex(name).params());
            }
        }
        List<Parameter> head = model.head().parameters();
        Objects.requireNonNull(graph.getLayer(HEAD))
                .getParam("W")
                .assign(head.get(0).value().transpose());
        graph.getLayer(HEAD)
                .getParam("b")
                .assign(head.get(1).value().reshape(1, head.get(1).value().length()));
    }
}
