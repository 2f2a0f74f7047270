package io.github.sherl4j.backbone.dl4j;

import io.github.sherl4j.nd.Check;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A network as parts in an order in which each comes behind those that it reads.
 *
 * @param configuration what vertices need to be made; null for a chain of layers, which has none
 * @param inputs names of the network's inputs
 * @param parts by name
 * @param output name of the last state before the network's output layer
 * @param type of weights and activations
 * @param channelsLast whether grids and time series have their channels last
 */
record Blueprint(
        @Nullable ComputationGraphConfiguration configuration,
        List<String> inputs,
        Map<String, Part> parts,
        String output,
        DataType type,
        boolean channelsLast) {
    Blueprint {
        parts = new LinkedHashMap<>(parts);
    }

    /**
     * One layer or vertex.
     *
     * @param name in the network
     * @param inputs names of parts or inputs
     * @param weights by name, in the user's own memory
     * @param refusal why gradients cannot be sent through it; null if they can
     * @param maker makes a node with state of its own
     */
    record Part(
            String name,
            List<String> inputs,
            Map<String, INDArray> weights,
            @Nullable String refusal,
            Maker maker) {}

    /** Makes a node. */
    @FunctionalInterface
    interface Maker {
        Node make(@Nullable BoundGraph graph);
    }

    /** Whether the network has a state of that name. */
    boolean has(String name) {
        return parts.containsKey(name) || inputs.contains(name);
    }

    /** All weights by name of part and weight, in the user's own memory. */
    Map<String, INDArray> weights() {
        Map<String, INDArray> all = new LinkedHashMap<>();
        parts.values()
                .forEach(part -> part.weights().forEach((name, weight) -> all.put(part.name() + "." + name, weight)));
        return all;
    }

    /** Names and connections of all parts. */
    String description() {
        StringBuilder text = new StringBuilder();
        parts.values()
                .forEach(part -> text.append(part.name()).append(part.inputs()).append(';'));
        return text.toString();
    }

    void require(String role, String name) {
        if (!has(name)) {
            List<String> names = new ArrayList<>(inputs);
            names.addAll(parts.keySet());
            Check.argument(false, "%s must be one of the network's states %s, but is %s", role, names, name);
        }
    }
}
