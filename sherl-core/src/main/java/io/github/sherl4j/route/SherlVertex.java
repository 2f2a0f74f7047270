package io.github.sherl4j.route;

import io.github.sherl4j.adapter.AdapterOptions;
import io.github.sherl4j.adapter.SherlAdapter;
import io.github.sherl4j.backbone.dl4j.Layout;
import io.github.sherl4j.layer.Initialization;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.nd.Check;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.memory.LayerMemoryReport;
import org.deeplearning4j.nn.conf.memory.MemoryReport;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * A trained SHERL adapter as a vertex of a Deeplearning4j graph, as {@link GraphModel#export} makes it. Its inputs are the
 * tapped states in the network's own shapes, the cut last; its result replaces the cut. Its weights are one row: the adapter's
 * parameters and running statistics, in the adapter's order, each in C order. It is for inference: a backward pass throws an
 * {@code UnsupportedOperationException}. In a graph's JSON it is
 *
 * <pre>
 * {"@class": "io.github.sherl4j.route.SherlVertex",
 *  "options": {"width", "reduction", "aggregateMlp", "expansion", "skip", "reductionEps", "expansionEps", "normEps",
 *              "gateTemperature"},                       each a text, as in {@link AdapterOptions}
 *  "stateWidths": [channels of each input],
 *  "layout": "CHANNELS_FIRST" or "CHANNELS_LAST"}
 * </pre>
 */
public final class SherlVertex extends GraphVertex {
    private static final long serialVersionUID = 1;

    // Named for Deeplearning4j's JSON, which looks at no private field without a name.
    @JsonProperty("options")
    private final LinkedHashMap<String, String> options;

    @JsonProperty("stateWidths")
    private final ArrayList<Long> stateWidths;

    @JsonProperty("layout")
    private final String layout;

    /**
     * A vertex of an adapter; Deeplearning4j calls it when it reads a graph.
     *
     * @param options the adapter's options by name
     * @param stateWidths channels of each input
     * @param layout name of the {@link Layout} of the network's states
     */
    public SherlVertex(
            @JsonProperty("options") Map<String, String> options,
            @JsonProperty("stateWidths") List<Long> stateWidths,
            @JsonProperty("layout") String layout) {
        Check.argument(
                options != null && stateWidths != null && !stateWidths.isEmpty() && layout != null,
                "The vertex of a SHERL adapter must have options, stateWidths and layout, but has %s, %s and %s",
                options,
                stateWidths,
                layout);
        this.options = new LinkedHashMap<>(options);
        this.stateWidths = new ArrayList<>(stateWidths);
        this.layout = layout;
    }

    static SherlVertex of(AdapterOptions options, List<Long> stateWidths, Layout layout) {
        Map<String, String> named = new LinkedHashMap<>();
        named.put("width", String.valueOf(options.width()));
        named.put("reduction", options.reduction().name());
        named.put("aggregateMlp", String.valueOf(options.aggregateMlp()));
        named.put("expansion", options.expansion().name());
        named.put("skip", options.skip().name());
        named.put("reductionEps", String.valueOf(options.reductionEps()));
        named.put("expansionEps", String.valueOf(options.expansionEps()));
        named.put("normEps", String.valueOf(options.normEps()));
        named.put("gateTemperature", String.valueOf(options.gateTemperature()));
        return new SherlVertex(named, stateWidths, layout.name());
    }

    /** A new adapter of these options, with weights that are still to be filled in. */
    SherlAdapter adapter(DataType type) {
        AdapterOptions adapterOptions = new AdapterOptions(
                Integer.parseInt(option("width")),
                AdapterOptions.Reduction.valueOf(option("reduction")),
                false,
                Boolean.parseBoolean(option("aggregateMlp")),
                AdapterOptions.Expansion.valueOf(option("expansion")),
                AdapterOptions.Skip.valueOf(option("skip")),
                Initialization.FRAMEWORK,
                Double.parseDouble(option("reductionEps")),
                Double.parseDouble(option("expansionEps")),
                Double.parseDouble(option("normEps")),
                Double.parseDouble(option("gateTemperature")),
                0);
        return new SherlAdapter(adapterOptions, stateWidths, stateWidths.get(stateWidths.size() - 1), type, 0);
    }

    private String option(String name) {
        String value = options.get(name);
        Check.argument(value != null, "The vertex of a SHERL adapter lacks the option %s", name);
        return Objects.requireNonNull(value);
    }

    /** Parameters and running statistics, in the order of the flat weights. */
    static List<Parameter> weights(SherlAdapter adapter) {
        List<Parameter> all = new ArrayList<>(adapter.parameters());
        all.addAll(adapter.buffers());
        return all;
    }

    @Override
    public GraphVertex clone() {
        return new SherlVertex(options, stateWidths, layout);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SherlVertex vertex
                && vertex.options.equals(options)
                && vertex.stateWidths.equals(stateWidths)
                && vertex.layout.equals(layout);
    }

    @Override
    public int hashCode() {
        return Objects.hash(options, stateWidths, layout);
    }

    @Override
    public long numParams(boolean backprop) {
        try (SherlAdapter adapter = adapter(DataType.FLOAT)) {
            return weights(adapter).stream()
                    .mapToLong(parameter -> parameter.value().length())
                    .sum();
        }
    }

    @Override
    public int minVertexInputs() {
        return stateWidths.size();
    }

    @Override
    public int maxVertexInputs() {
        return stateWidths.size();
    }

    @Override
    public org.deeplearning4j.nn.graph.vertex.GraphVertex instantiate(
            ComputationGraph graph,
            String name,
            int index,
            INDArray paramsView,
            boolean initializeParams,
            DataType networkDatatype) {
        if (initializeParams) {
            try (SherlAdapter fresh = adapter(networkDatatype)) {
                SherlVertexImpl.copyWeights(fresh, paramsView);
            }
        }
        return new SherlVertexImpl(
                graph, name, index, networkDatatype, adapter(networkDatatype), paramsView, Layout.valueOf(layout));
    }

    @Override
    public InputType getOutputType(int layerIndex, InputType... vertexInputs) {
        return vertexInputs[vertexInputs.length - 1];
    }

    @Override
    public MemoryReport getMemoryReport(InputType... inputTypes) {
        return new LayerMemoryReport.Builder(null, SherlVertex.class, inputTypes[0], getOutputType(-1, inputTypes))
                .standardMemory(numParams(true), 0)
                .workingMemory(0, 0, 0, 0)
                .cacheMemory(0, 0)
                .build();
    }
}
