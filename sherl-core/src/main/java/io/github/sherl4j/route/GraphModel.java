package io.github.sherl4j.route;

import io.github.sherl4j.adapter.AdapterInput;
import io.github.sherl4j.adapter.AdapterOptions;
import io.github.sherl4j.adapter.SherlAdapter;
import io.github.sherl4j.backbone.dl4j.GraphBackbone;
import io.github.sherl4j.data.GraphBatch;
import io.github.sherl4j.data.IteratorSource;
import io.github.sherl4j.head.ClassificationHead;
import io.github.sherl4j.head.Head;
import io.github.sherl4j.head.Pooling;
import io.github.sherl4j.head.RegressionHead;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.layer.ParameterGroups;
import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.Check;
import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.nd.OpProfile;
import io.github.sherl4j.nd.Rng;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.jspecify.annotations.Nullable;
import org.nd4j.evaluation.IEvaluation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.dataset.api.iterator.MultiDataSetIterator;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A frozen network of Deeplearning4j with a SHERL adapter at its cut, or without one, and a new head behind its last state,
 * which is averaged over its positions; where labels are time series, the head stands behind each step instead. Training is
 * for one thread at a time, prediction for any number while nobody trains. Closing it does not close the backbone.
 */
public final class GraphModel implements Model<GraphBatch> {
    private static final long HEAD_USE = 2;
    private static final long ADAPTER_USE = 3;
    private static final int GRID = 4;

    private final GraphBackbone backbone;
    private final @Nullable SherlAdapter adapter;
    private final GraphTask task;
    private final boolean eachStep;
    private final int outputRank;
    private final Head head;
    private final ParameterGroups parameters;
    private final MemoryPool memories;
    private @Nullable OpProfile profile;

    private GraphModel(
            GraphBackbone backbone,
            GraphBackbone.Shapes shapes,
            @Nullable SherlAdapter adapter,
            GraphTask task,
            GraphBatch example,
            long seed) {
        Check.argument(
                example.labels().size() == 1,
                "example must have one array of labels, but has %s",
                example.labels().size());
        INDArray labels = example.labels().get(0);
        this.backbone = backbone;
        this.adapter = adapter;
        this.task = task;
        this.eachStep = labels.rank() == 3;
        this.outputRank = shapes.output().size();
        Check.argument(
                labels.rank() == 2 || (eachStep && outputRank == 3),
                "labels must be [batch, n], or [batch, n, time] if the last state is a time series, but have rank %s",
                labels.rank());
        long width = shapes.output().get(outputRank - 1);
        int results = (int) labels.size(1);
        long headSeed = Rng.derive(seed, HEAD_USE);
        this.head = results == 1
                ? new RegressionHead(Pooling.MEAN, width, backbone.type(), headSeed)
                : new ClassificationHead(Pooling.MEAN, width, results, backbone.type(), headSeed);
        List<Parameter> all = new ArrayList<>();
        if (adapter != null) {
            all.addAll(adapter.parameters());
        }
        all.addAll(head.parameters());
        this.parameters = new ParameterGroups(all);
        this.memories = new MemoryPool(backbone.type());
    }

    /**
     * A model with the adapter that fits the tapped states: pooled reductions with batch norm for grids, linear ones with
     * layer norm for time series and feed-forward activations.
     *
     * @param backbone shared; stays open and unchanged
     * @param example a batch with labels, from which all sizes are read
     * @param reduction the adapter's states are this many times narrower than the cut
     */
    public static GraphModel sherl(
            GraphBackbone backbone, GraphBatch example, double reduction, GraphTask task, long seed) {
        Check.argument(reduction > 0, "reduction must be positive, but is %s", reduction);
        GraphBackbone.Shapes shapes = backbone.shapes(example);
        long[] guide = shapes.states().get(shapes.states().size() - 1);
        int width = (int) Math.max(1, Math.round(guide[guide.length - 1] / reduction));
        return sherl(
                backbone,
                example,
                shapes,
                guide.length == GRID ? AdapterOptions.vseImage(width) : AdapterOptions.vseText(width),
                task,
                seed);
    }

    /** A model with an adapter of one's own choice. */
    public static GraphModel sherl(
            GraphBackbone backbone, GraphBatch example, AdapterOptions options, GraphTask task, long seed) {
        return sherl(backbone, example, backbone.shapes(example), options, task, seed);
    }

    private static GraphModel sherl(
            GraphBackbone backbone,
            GraphBatch example,
            GraphBackbone.Shapes shapes,
            AdapterOptions options,
            GraphTask task,
            long seed) {
        List<long[]> states = shapes.states();
        long[] guide = states.get(states.size() - 1);
        for (int i = 0; i < states.size(); i++) {
            Check.argument(
                    states.get(i).length == guide.length,
                    "State %s must be of the kind of the cut %s, which has %s dimensions, but it has %s",
                    backbone.names().get(i),
                    backbone.names().get(states.size() - 1),
                    guide.length,
                    states.get(i).length);
        }
        SherlAdapter adapter = new SherlAdapter(
                options,
                states.stream().map(shape -> shape[shape.length - 1]).toList(),
                guide[guide.length - 1],
                backbone.type(),
                Rng.derive(seed, ADAPTER_USE));
        return new GraphModel(backbone, shapes, adapter, task, example, seed);
    }

    /** A model whose head alone learns. */
    public static GraphModel headOnly(GraphBackbone backbone, GraphBatch example, GraphTask task, long seed) {
        return new GraphModel(backbone, backbone.shapes(example), null, task, example, seed);
    }

    @Override
    public double accumulate(GraphBatch batch, double weight, long seed) {
        try (MemoryPool.Loan loan = memories.borrow()) {
            Memory memory = loan.memory();
            memory.ops().profile(profile);
            return adapter == null
                    ? accumulateHead(memory, batch, weight)
                    : accumulate(memory, adapter, batch, weight, OptionalLong.of(seed));
        }
    }

    private double accumulate(Memory memory, SherlAdapter own, GraphBatch batch, double weight, OptionalLong seed) {
        Context context = new Context(memory, null, null, seed);
        GraphBackbone.Early early = backbone.early(memory, batch);
        List<INDArray> states = early.states();
        long[] guide = states.get(states.size() - 1).shape();
        INDArray adapted = memory.step().array(guide);
        SherlAdapter.Kept kept = own.forward(input(memory, states), context, tokens(memory, adapted));
        GraphBackbone.Late late = backbone.forward(early, adapted);
        HeadInput read = headInput(memory, late.output(), late.mask());
        INDArray results = memory.step().array(read.states.size(0), head.outputWidth());
        Head.HeadStep headStep = head.forward(read.states, read.context, results);
        GraphTask.Loss loss = task.loss(memory, batch, results, late.mask(), eachStep, weight);
        INDArray gradOutput =
                memory.reshape(headStep.backward(loss.gradient()), late.output().shape());
        INDArray gradCut = memory.scratch().array(guide);
        late.backward(gradOutput, gradCut);
        kept.backward(tokens(memory, gradCut));
        return loss.value();
    }

    private double accumulateHead(Memory memory, GraphBatch batch, double weight) {
        try (Arena.Scope scope = memory.scratch().scope()) {
            GraphBackbone.Output last = last(memory, batch);
            HeadInput read = headInput(memory, last.output(), last.mask());
            INDArray results = memory.step().array(read.states.size(0), head.outputWidth());
            Head.HeadStep headStep = head.forward(read.states, read.context, results);
            GraphTask.Loss loss = task.loss(memory, batch, results, last.mask(), eachStep, weight);
            headStep.backwardToParameters(loss.gradient());
            return loss.value();
        }
    }

    /** The last state in inference, in the scratch arena. */
    private GraphBackbone.Output last(Memory memory, GraphBatch batch) {
        GraphBackbone.Early early = backbone.infer(memory, batch);
        List<INDArray> states = early.states();
        INDArray guide = states.get(states.size() - 1);
        if (adapter == null) {
            return backbone.infer(early, guide);
        }
        INDArray adapted = early.array(guide.shape());
        adapter.infer(input(memory, states), Context.of(memory), tokens(memory, adapted));
        return backbone.infer(early, adapted);
    }

    private static AdapterInput input(Memory memory, List<INDArray> states) {
        return AdapterInput.of(
                states.stream().map(state -> tokens(memory, state)).toList());
    }

    /** Grids as they are, everything else as [batch, tokens, width]. */
    static INDArray tokens(Memory memory, INDArray state) {
        if (state.rank() == GRID) {
            return state;
        }
        long width = state.size(-1);
        return memory.reshape(state, state.size(0), state.length() / (state.size(0) * width), width);
    }

    private record HeadInput(INDArray states, Context context) {}

    private HeadInput headInput(Memory memory, INDArray output, @Nullable INDArray mask) {
        long width = output.size(-1);
        if (eachStep) {
            INDArray steps = memory.reshape(output, output.length() / width, 1, width);
            return new HeadInput(steps, Context.of(memory));
        }
        INDArray states = memory.reshape(output, output.size(0), output.length() / (output.size(0) * width), width);
        if (mask == null || output.rank() != 3) {
            return new HeadInput(states, Context.of(memory));
        }
        INDArray own = memory.step().array(mask.shape());
        memory.ops().copy(mask, own);
        return new HeadInput(states, new Context(memory, own, null, OptionalLong.empty()));
    }

    /**
     * Predictions: probabilities, or numbers.
     *
     * @param batch labels are not looked at
     * @return [batch, n] or, for time series of labels, [batch, n, time]; owned by the caller
     */
    public INDArray output(GraphBatch batch) {
        try (MemoryPool.Loan loan = memories.borrow()) {
            Memory memory = loan.memory();
            try (Arena.Scope scope = memory.scratch().scope()) {
                GraphBackbone.Output last = last(memory, batch);
                HeadInput read = headInput(memory, last.output(), last.mask());
                INDArray results = memory.step().array(read.states.size(0), head.outputWidth());
                head.infer(read.states, read.context, results);
                task.predict(memory, results);
                INDArray view = eachStep
                        ? memory.permute(
                                memory.reshape(results, batch.size(), results.size(0) / batch.size(), results.size(1)),
                                0,
                                2,
                                1)
                        : results;
                INDArray output = Nd4j.createUninitialized(backbone.type(), view.shape());
                memory.ops().copy(view, output);
                return output;
            }
        }
    }

    /**
     * Compares predictions with labels by any of ND4J's evaluations, such as {@code Evaluation}, {@code ROC} or
     * {@code RegressionEvaluation}.
     *
     * @return the evaluation that was given
     */
    public <T extends IEvaluation<?>> T evaluate(DataSetIterator data, T evaluation) {
        return evaluate(IteratorSource.of(data), evaluation);
    }

    /** The same for networks of several inputs. */
    public <T extends IEvaluation<?>> T evaluate(MultiDataSetIterator data, T evaluation) {
        return evaluate(IteratorSource.of(data), evaluation);
    }

    private <T extends IEvaluation<?>> T evaluate(IteratorSource data, T evaluation) {
        for (int[] indices : data.sequentialPlan(1)) {
            try (GraphBatch batch = data.batch(indices);
                    INDArray predictions = output(batch)) {
                evaluation.eval(
                        batch.labels().get(0),
                        predictions,
                        batch.labelMasks().get(0).orElse(null));
            }
        }
        return evaluation;
    }

    /** Measures every operation of the training steps from now on, or stops measuring if null. */
    public void profile(@Nullable OpProfile newProfile) {
        profile = newProfile;
    }

    /**
     * This model as one ordinary graph of Deeplearning4j: the network up to its last state, a {@link SherlVertex} at the cut,
     * and the head as an output layer. It can be saved, and loaded wherever this library is on the class path, and predicts
     * what this model does; it is not for training.
     *
     * @param source the graph that the backbone was cut from
     * @return a graph with weights of its own, owned by the caller
     * @throws IllegalArgumentException if the graph is another one, or the model has no adapter
     */
    public ComputationGraph export(ComputationGraph source) {
        return GraphExport.export(this, source);
    }

    /**
     * Saves adapter and head as {@code adapter.safetensors}, replacing an older file when the new one is safe on disk.
     *
     * @param folder made if it does not exist
     */
    public void save(Path folder) throws IOException {
        GraphFiles.save(this, folder);
    }

    /**
     * Reads adapter and head that a model of the same sizes on the same network {@linkplain #save saved}.
     *
     * @throws IOException if the file is missing or cannot be read
     * @throws IllegalArgumentException if it is damaged or of another network or model; nothing is changed then
     */
    public void restore(Path folder) throws IOException {
        GraphFiles.restore(this, folder);
    }

    @Nullable
    SherlAdapter adapter() {
        return adapter;
    }

    Head head() {
        return head;
    }

    GraphTask task() {
        return task;
    }

    boolean eachStep() {
        return eachStep;
    }

    int outputRank() {
        return outputRank;
    }

    /** The network that this model shares. */
    public GraphBackbone backbone() {
        return backbone;
    }

    @Override
    public ParameterGroups parameters() {
        return parameters;
    }

    @Override
    public List<Parameter> buffers() {
        return adapter == null ? List.of() : adapter.buffers();
    }

    @Override
    public long workingBytes() {
        return memories.bytes();
    }

    @Override
    public void close() {
        memories.close();
        parameters.close();
        buffers().forEach(Parameter::close);
    }
}
