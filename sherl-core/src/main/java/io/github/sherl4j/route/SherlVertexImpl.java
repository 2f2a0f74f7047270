package io.github.sherl4j.route;

import io.github.sherl4j.adapter.AdapterInput;
import io.github.sherl4j.adapter.SherlAdapter;
import io.github.sherl4j.backbone.dl4j.Layout;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.nd.Memory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.MaskState;
import org.deeplearning4j.nn.api.TrainingConfig;
import org.deeplearning4j.nn.conf.misc.DummyConfig;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.BaseGraphVertex;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.jspecify.annotations.Nullable;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The computation of a {@link SherlVertex}, in memory of its own. */
@SuppressWarnings("overrides") // of a method of the base class
final class SherlVertexImpl extends BaseGraphVertex {
    private static final long serialVersionUID = 1;

    private final transient SherlAdapter adapter;
    private final transient Memory memory;
    private final transient INDArray weights;
    private final Layout layout;

    SherlVertexImpl(
            ComputationGraph graph,
            String name,
            int index,
            DataType type,
            SherlAdapter adapter,
            INDArray weights,
            Layout layout) {
        super(graph, name, index, null, null, type);
        this.adapter = adapter;
        this.memory = new Memory(type);
        this.weights = weights;
        this.layout = layout;
    }

    /** From an adapter to a row of weights. */
    static void copyWeights(SherlAdapter from, INDArray to) {
        INDArray[] rows = SherlVertex.weights(from).stream()
                .map(parameter -> parameter
                        .value()
                        .reshape('c', true, 1, parameter.value().length()))
                .toArray(INDArray[]::new);
        try (INDArray row = Nd4j.concat(1, rows)) {
            to.assign(row.reshape(to.shape()));
        }
    }

    /** The graph's weights may have been set since the last time, so they are copied each time. */
    private void takeWeights() {
        INDArray flat = memory.reshape(weights, weights.length());
        long start = 0;
        for (Parameter parameter : SherlVertex.weights(adapter)) {
            INDArray value = parameter.value();
            long end = start + value.length();
            memory.ops().copy(memory.reshape(memory.slices(flat, start, end), value.shape()), value);
            start = end;
        }
    }

    @Override
    public INDArray doForward(boolean training, LayerWorkspaceMgr workspaceMgr) {
        if (training) {
            throw new UnsupportedOperationException(
                    "Vertex %s is a trained SHERL adapter, for inference alone".formatted(getVertexName()));
        }
        INDArray result;
        try (MemoryWorkspace outside = Nd4j.getWorkspaceManager().scopeOutOfWorkspaces()) {
            memory.reset();
            takeWeights();
            List<INDArray> states = new ArrayList<>();
            for (INDArray input : getInputs()) {
                INDArray view = layout.toChannelsLast(memory, input);
                INDArray state = memory.step().array(view.shape().clone());
                memory.ops().copy(view, state);
                states.add(GraphModel.tokens(memory, state));
            }
            INDArray guide = states.get(states.size() - 1);
            result = memory.step().array(guide.shape());
            adapter.infer(AdapterInput.of(states), Context.of(memory), result);
            INDArray last = getInputs()[getInputs().length - 1];
            result = memory.reshape(
                    result, layout.toChannelsLast(memory, last).shape().clone());
        }
        return workspaceMgr.dup(ArrayType.ACTIVATIONS, layout.toOwn(memory, result), 'c');
    }

    @Override
    public Pair<Gradient, INDArray[]> doBackward(boolean tbptt, LayerWorkspaceMgr workspaceMgr) {
        throw new UnsupportedOperationException(
                "Vertex %s is a trained SHERL adapter, for inference alone".formatted(getVertexName()));
    }

    @Override
    public void setBackpropGradientsViewArray(INDArray backpropGradientsViewArray) {
        // There are no gradients.
    }

    @Override
    public Pair<INDArray, MaskState> feedForwardMaskArrays(
            INDArray @Nullable [] maskArrays, MaskState currentMaskState, int minibatchSize) {
        return new Pair<>(maskArrays == null ? null : maskArrays[maskArrays.length - 1], currentMaskState);
    }

    @Override
    public boolean hasLayer() {
        return false;
    }

    @Override
    public @Nullable Layer getLayer() {
        return null;
    }

    /** Nothing to update, so that a graph with this vertex has an updater and can be saved with its state. */
    @Override
    public TrainingConfig getConfig() {
        return new DummyConfig(getVertexName());
    }

    @Override
    public INDArray params() {
        return weights;
    }

    @Override
    public Map<String, INDArray> paramTable(boolean backpropOnly) {
        return Map.of("weights", weights);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(this);
    }

    @Override
    public String toString() {
        return "SherlVertex(name=" + getVertexName() + ")";
    }
}
