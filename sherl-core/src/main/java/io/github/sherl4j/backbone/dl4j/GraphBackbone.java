package io.github.sherl4j.backbone.dl4j;

import io.github.sherl4j.backbone.Fingerprint;
import io.github.sherl4j.data.GraphBatch;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.layer.Step;
import io.github.sherl4j.nd.Check;
import io.github.sherl4j.nd.Memory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.jspecify.annotations.Nullable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Any network of Deeplearning4j, cut in two at a state of its own: the early part runs in inference and keeps nothing but
 * the tapped states, the late part lets gradients through to the cut. It computes on the user's weights, which must not
 * change meanwhile, but touches nothing else of the user's network: dropout and weight noise are off, batch norm uses its
 * running statistics. Several threads may compute at once, each with a memory of its own.
 *
 * <p>States come with their channels last, [batch, positions..., channels]: a grid [batch, channels, height, width] as
 * [batch, height, width, channels], a time series [batch, size, time] as [batch, time, size], and feed-forward activations
 * [batch, size] as they are.
 *
 * <p>In the late part dense layers, two-dimensional convolutions (channels first), batch norms, activations, dropout, sums
 * and all that has no weights compute no gradients of weights. For every other layer with weights Deeplearning4j offers no
 * backward pass without them: they are computed into scratch memory and not looked at.
 */
public final class GraphBackbone implements AutoCloseable {
    private final CutNetwork network;
    private final Layout layout;
    private final List<String> states;
    private final DataType type;
    private final List<Parameter> parameters;
    private final String fingerprint;

    private GraphBackbone(
            CutNetwork network,
            Layout layout,
            GraphCut cut,
            DataType type,
            Map<String, INDArray> weights,
            String description) {
        this.network = network;
        this.layout = layout;
        this.states = cut.states();
        this.type = type;
        this.parameters = weights.entrySet().stream()
                .filter(weight -> weight.getValue().dataType().isFPType())
                .map(weight -> Parameter.weight(weight.getKey(), weight.getValue()))
                .toList();
        this.fingerprint = Fingerprint.of(description, parameters);
    }

    /**
     * Cuts a graph.
     *
     * @param graph initialised; shared, stays open and unchanged
     * @throws IllegalArgumentException if a name is unknown or on the wrong side of the cut, or gradients cannot be sent
     *     through something behind the cut; all such layers are named
     */
    public static GraphBackbone of(ComputationGraph graph, GraphCut cut) {
        return of(Blueprints.of(graph), cut);
    }

    /**
     * Cuts a chain of layers; its input is named {@code input}.
     *
     * @param network initialised; shared, stays open and unchanged
     * @throws IllegalArgumentException as for a graph
     */
    public static GraphBackbone of(MultiLayerNetwork network, GraphCut cut) {
        return of(Blueprints.of(network), cut);
    }

    /**
     * Cuts a SameDiff graph at variables, such as an imported one. Its inputs are the placeholders that the cut depends on, in
     * the order of the training configuration's features, or else as operations first read them ({@link #inputs}); states are taken to have their channels last. The late part is computed again in the backward
     * pass, and SameDiff's gradient of an operation is always one of all its inputs, weights too.
     *
     * @param graph shared, stays open and unchanged
     * @throws IllegalArgumentException as for a graph of layers; operations whose gradients are wrong or fail in this version
     *     of ND4J are refused by name
     */
    public static GraphBackbone of(SameDiff graph, GraphCut cut) {
        return of(graph, cut, Layout.CHANNELS_LAST);
    }

    /** The same for a graph whose states have their channels first, [batch, channels, positions...], as those from ONNX may. */
    public static GraphBackbone ofChannelsFirst(SameDiff graph, GraphCut cut) {
        return of(graph, cut, Layout.CHANNELS_FIRST);
    }

    private static GraphBackbone of(SameDiff graph, GraphCut cut, Layout layout) {
        SameDiffGraph network = new SameDiffGraph(graph, cut);
        return new GraphBackbone(network, layout, cut, network.type(), network.weights(), network.description());
    }

    private static GraphBackbone of(Blueprint blueprint, GraphCut cut) {
        Check.argument(
                blueprint.type() == DataType.FLOAT || blueprint.type() == DataType.DOUBLE,
                "The network must compute in FLOAT or DOUBLE, but computes in %s",
                blueprint.type());
        return new GraphBackbone(
                new LayerGraph(blueprint, cut),
                blueprint.channelsLast() ? Layout.CHANNELS_LAST : Layout.CHANNELS_FIRST,
                cut,
                blueprint.type(),
                blueprint.weights(),
                blueprint.description());
    }

    /** The early part's result. */
    public static final class Early {
        private final Memory memory;
        private final ArrayPool pool;
        private final List<INDArray> tapped;
        private final CutNetwork.Early own;

        private Early(Memory memory, ArrayPool pool, List<INDArray> tapped, CutNetwork.Early own) {
            this.memory = memory;
            this.pool = pool;
            this.tapped = tapped;
            this.own = own;
        }

        /** The tapped states in the order of {@link #names}, the guide last, each [batch, positions..., channels]. */
        public List<INDArray> states() {
            return tapped;
        }

        /** An uninitialised array, alive as long as the states. */
        public INDArray array(long... shape) {
            return pool.array(shape);
        }
    }

    /** What the late part keeps. */
    public record Late(GraphBackbone backbone, Memory memory, CutNetwork.LateStep step, INDArray output)
            implements Step {
        /** The mask that goes with the output, such as [batch, time]; null for none. */
        public @Nullable INDArray mask() {
            return step.outputMask();
        }

        /**
         * Sends a gradient back to the cut.
         *
         * @param gradOutput in the shape of the output, not modified
         * @param gradCut [batch, positions..., channels], overwritten
         */
        public void backward(INDArray gradOutput, INDArray gradCut) {
            backbone.backward(this, gradOutput, gradCut);
        }
    }

    /** The result of the late part in inference: its output, [batch, positions..., channels], and the mask that goes with it. */
    public record Output(INDArray output, @Nullable INDArray mask) {}

    /**
     * Runs the early part for a training step.
     *
     * @param memory whose step arena takes the states
     */
    public Early early(Memory memory, GraphBatch batch) {
        try (var scope = memory.scratch().scope()) {
            return early(memory, batch, new ArrayPool(memory), memory.step()::array);
        }
    }

    /**
     * Runs the early part for inference.
     *
     * @param memory whose scratch arena takes the states; they end with its current scope
     */
    public Early infer(Memory memory, GraphBatch batch) {
        ArrayPool pool = new ArrayPool(memory);
        return early(memory, batch, pool, pool);
    }

    private Early early(Memory memory, GraphBatch batch, ArrayPool pool, Place lifetime) {
        INDArray[] tapped = new INDArray[states.size()];
        CutNetwork.Early own = network.early(memory, batch, pool, lifetime, (index, state) -> {
            INDArray view = layout.toChannelsLast(memory, state);
            tapped[index] = lifetime.array(view.shape());
            memory.ops().copy(view, tapped[index]);
        });
        return new Early(memory, pool, List.of(tapped), own);
    }

    /**
     * Runs the late part in inference.
     *
     * @param early of {@link #infer}
     * @param adapted what replaces the guide, [batch, positions..., channels], not modified
     * @return arrays of the scratch arena's current scope
     */
    public Output infer(Early early, INDArray adapted) {
        Memory memory = early.memory;
        INDArray cut = early.pool.array(layout.toOwn(memory, adapted).shape());
        memory.ops().copy(layout.toOwn(memory, adapted), cut);
        CutNetwork.Late late = network.infer(memory, early.own, early.pool, cut);
        INDArray view = layout.toChannelsLast(memory, late.output());
        INDArray output = early.pool.array(view.shape());
        memory.ops().copy(view, output);
        return new Output(output, late.mask());
    }

    /**
     * Runs the late part and keeps what its backward pass needs, in the step arena.
     *
     * @param early of {@link #early}
     * @param adapted what replaces the guide, [batch, positions..., channels], not modified
     */
    public Late forward(Early early, INDArray adapted) {
        Memory memory = early.memory;
        INDArray view = layout.toOwn(memory, adapted);
        INDArray cut = memory.step().array(view.shape());
        memory.ops().copy(view, cut);
        CutNetwork.LateStep step = network.forward(memory, early.own, cut);
        INDArray last = layout.toChannelsLast(memory, step.output());
        INDArray output = last;
        if (last != step.output()) {
            output = memory.step().array(last.shape());
            memory.ops().copy(last, output);
        }
        return new Late(this, memory, step, output);
    }

    private void backward(Late late, INDArray gradOutput, INDArray gradCut) {
        Memory memory = late.memory;
        try (var scope = memory.scratch().scope()) {
            INDArray own = memory.scratch().array(late.step.output().shape());
            memory.ops().copy(layout.toOwn(memory, gradOutput), own);
            INDArray view = layout.toOwn(memory, gradCut);
            if (view == gradCut) {
                late.step.backward(own, gradCut);
            } else {
                INDArray gradient = memory.scratch().array(view.shape());
                late.step.backward(own, gradient);
                memory.ops().copy(gradient, view);
            }
        }
    }

    /**
     * Shapes that a batch leads to.
     *
     * @param states of each tapped state, [batch, positions..., channels]
     * @param output of the last state, likewise
     */
    public record Shapes(List<long[]> states, List<Long> output) {}

    /** Runs a batch in inference to see which shapes it leads to. */
    public Shapes shapes(GraphBatch example) {
        try (Memory memory = new Memory(type)) {
            Early early = infer(memory, example);
            Output output = infer(early, early.states().get(states.size() - 1));
            return new Shapes(
                    early.states().stream().map(state -> state.shape().clone()).toList(),
                    Arrays.stream(output.output().shape()).boxed().toList());
        }
    }

    /** Names of the tapped states, the cut, which is the guide, last. */
    public List<String> names() {
        return states;
    }

    /** Name of the last state, which the head reads. */
    public String output() {
        return network.output();
    }

    /** How the network orders the dimensions of its states. */
    public Layout layout() {
        return layout;
    }

    /** Names of the network's inputs, in the order of a batch's features. */
    public List<String> inputs() {
        return network.inputs();
    }

    /** Type of weights and states. */
    public DataType type() {
        return type;
    }

    /** All weights, frozen, in the order of the network; the user's own arrays. */
    public List<Parameter> parameters() {
        return new ArrayList<>(parameters);
    }

    /** A digest of layers and weights as they were when the network was cut. */
    public String fingerprint() {
        return fingerprint;
    }

    /** Does nothing to the user's network, which stays open. */
    @Override
    public void close() {
        // All arrays belong to the network, to memories or to the garbage collector.
    }
}
