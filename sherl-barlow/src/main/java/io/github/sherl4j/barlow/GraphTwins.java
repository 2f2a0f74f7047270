package io.github.sherl4j.barlow;

import io.github.sherl4j.nd.Check;
import io.github.sherl4j.nd.NativeArrays;
import io.github.sherl4j.train.DivergenceException;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeSet;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.nn.conf.dropout.IDropout;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.TransferLearning;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.IUpdater;

/**
 * Barlow Twins on a network of Deeplearning4j: any {@link ComputationGraph} with one input and one output is encoder and
 * projector, trained in place by its own updaters, regularizations and schedules, {@link io.github.sherl4j.train.Lars} and
 * {@link io.github.sherl4j.train.Momentum} among them.
 *
 * <pre>
 * ComputationGraph graph = GraphTwins.withProjector(encoder, "features", new Adam(1e-3), 256, 512, 512);
 * try (GraphTwins twins = new GraphTwins(graph, LossOptions.defaults())) {
 *     while (views.hasNext()) {
 *         twins.fit(views.first(), views.second());
 *     }
 * }
 * graph.feedForward(pictures, false).get("features"); // what was learnt
 * </pre>
 *
 * <p>A graph keeps the activations of one pass only, so a step takes three: the embeddings of view 2, those of view 1 with its
 * backward pass, then view 2 once more with its own. Batch statistics are per view, and running statistics move by view 1, then
 * by view 2. Because of the third pass nothing in the graph may be random. One thread at a time.
 */
public final class GraphTwins implements AutoCloseable {
    private static final String[] STATISTICS = {"mean", "var", "log10stdev"};

    private final ComputationGraph graph;
    private final BarlowTwinsLoss loss;

    /**
     * Takes a network, which has to be initialised.
     *
     * @param graph modified by {@link #fit}; its output is the embedding [batch, width], of a layer that is no output layer
     * @throws IllegalArgumentException if it has several inputs or outputs, an output layer, or dropout or weight noise
     */
    public GraphTwins(ComputationGraph graph, LossOptions options) {
        Check.argument(
                graph.getNumInputArrays() == 1 && graph.getNumOutputArrays() == 1,
                "graph must have one input and one output, but has %s and %s",
                graph.getNumInputArrays(),
                graph.getNumOutputArrays());
        String output = graph.getConfiguration().getNetworkOutputs().get(0);
        Check.argument(
                graph.getOutputLayer(0) == null
                        || !(graph.getOutputLayer(0) instanceof org.deeplearning4j.nn.api.layers.IOutputLayer),
                "graph's output %s must be a layer without labels, such as a DenseLayer, but is an output layer",
                output);
        for (Layer layer : graph.getLayers()) {
            IDropout dropout = layer.conf().getLayer().getIDropout();
            boolean noise = layer.conf().getLayer() instanceof BaseLayer base && base.getWeightNoise() != null;
            Check.argument(
                    dropout == null && !noise,
                    "layer %s must not be random, since view 2 runs twice, but has %s",
                    layer.conf().getLayer().getLayerName(),
                    dropout == null ? "weight noise" : "dropout");
        }
        this.graph = graph;
        this.loss = new BarlowTwinsLoss(options);
    }

    /**
     * A network with a projector behind one of its vertices: linear without bias, batch norm, relu, as often as there are widths
     * but one, then linear without bias. Layers are named {@code projector-0} and so on; weights of the encoder are copied.
     *
     * @param encoder not modified
     * @param features the vertex whose activations [batch, channels] are the representation
     * @param updater of the projector's layers
     * @param widths channels of the features, then behind each linear layer: at least two
     */
    public static ComputationGraph withProjector(
            ComputationGraph encoder, String features, IUpdater updater, int... widths) {
        Check.argument(widths.length > 1, "widths must be at least 2, but are %s", widths.length);
        Check.argument(
                encoder.getVertex(features) != null,
                "features must be a vertex of the graph, but \"%s\" is none of %s",
                features,
                new TreeSet<>(encoder.getConfiguration().getVertices().keySet()));
        TransferLearning.GraphBuilder builder = new TransferLearning.GraphBuilder(encoder);
        encoder.getConfiguration().getNetworkOutputs().stream()
                .filter(output -> !output.equals(features))
                .forEach(builder::removeVertexAndConnections);
        String last = features;
        for (int i = 0; i + 1 < widths.length; i++) {
            String name = "projector-" + i;
            builder.addLayer(
                    name,
                    new DenseLayer.Builder()
                            .nIn(widths[i])
                            .nOut(widths[i + 1])
                            .hasBias(false)
                            .activation(Activation.IDENTITY)
                            .updater(updater)
                            .build(),
                    last);
            last = name;
            if (i + 2 < widths.length) {
                builder.addLayer(
                        name + "-norm",
                        new BatchNormalization.Builder()
                                .nOut(widths[i + 1])
                                .updater(updater)
                                .build(),
                        last);
                builder.addLayer(
                        name + "-relu",
                        new ActivationLayer.Builder()
                                .activation(Activation.RELU)
                                .build(),
                        name + "-norm");
                last = name + "-relu";
            }
        }
        return sameType(encoder, builder.setOutputs(last).build());
    }

    /** Transfer learning makes all networks FLOAT. */
    private static ComputationGraph sameType(ComputationGraph encoder, ComputationGraph made) {
        if (made.params().dataType() == encoder.params().dataType()) {
            return made;
        }
        ComputationGraph converted = made.convertDataType(encoder.params().dataType());
        encoder.paramTable().forEach((name, value) -> {
            if (converted.paramTable().containsKey(name)) { // what lies behind the features is gone
                converted.getParam(name).assign(value);
            }
        });
        return converted;
    }

    /**
     * One training step.
     *
     * @param first views of a batch, as the graph's input expects them, not modified
     * @param second the other views of the same examples, not modified
     * @return the loss before the step
     * @throws DivergenceException if the embeddings are not finite; the parameters are unchanged then
     */
    public LossValue fit(INDArray first, INDArray second) {
        Check.argument(
                Arrays.equals(first.shape(), second.shape()),
                "second must have the shape %s of first, but has %s",
                Arrays.toString(first.shape()),
                Arrays.toString(second.shape()));
        Check.argument(first.size(0) > 1, "The batch must have at least 2 rows, but has %s", first.size(0));
        // In workspaces a batch norm's backward pass finds what it kept overwritten, unless DL4J runs both passes
        // itself.
        ComputationGraphConfiguration configuration = graph.getConfiguration();
        WorkspaceMode mode = configuration.getTrainingWorkspaceMode();
        configuration.setTrainingWorkspaceMode(WorkspaceMode.NONE);
        try {
            return step(first, second);
        } finally {
            configuration.setTrainingWorkspaceMode(mode);
        }
    }

    private LossValue step(INDArray first, INDArray second) {
        int step = graph.getConfiguration().getIterationCount();
        int epoch = graph.getConfiguration().getEpochCount();
        try (INDArray z2 = embed(second).dup();
                INDArray z1 = embed(first).dup()) {
            if (!isFinite(z1) || !isFinite(z2)) {
                throw new DivergenceException(epoch + 1, step + 1, Double.NaN, 0);
            }
            LossResult result = loss.of(z1, z2);
            Gradient gradient = graph.backpropGradient(result.gradient1());
            moveStatistics(gradient);
            try (INDArray ofFirst = gradient.gradient().dup()) {
                embed(second);
                gradient = graph.backpropGradient(result.gradient2());
                gradient.gradient().addi(ofFirst);
            }
            // The loss is no mean over the batch, so the updater must not divide by its size.
            graph.getUpdater().update(gradient, step, epoch, 1, LayerWorkspaceMgr.noWorkspaces());
            graph.params().subi(gradient.gradient());
            graph.getConfiguration().setIterationCount(step + 1);
            return result.loss();
        }
    }

    /** Forward on batch statistics; the activations stay in the layers until the next pass. */
    private INDArray embed(INDArray view) {
        Map<String, INDArray> activations = graph.feedForward(new INDArray[] {view}, true, false);
        INDArray z =
                activations.get(graph.getConfiguration().getNetworkOutputs().get(0));
        if (z == null) {
            throw new IllegalStateException("The graph gave no activations of its output");
        }
        return z;
    }

    /**
     * DL4J moves running statistics as if they had gradients. Those of view 1 are applied now, so that view 2 starts from what
     * they led to.
     */
    private void moveStatistics(Gradient gradient) {
        for (Layer layer : graph.getLayers()) {
            if (layer.conf().getLayer() instanceof BatchNormalization norm) {
                for (String name : STATISTICS) {
                    String key = norm.getLayerName() + "_" + name;
                    INDArray change = gradient.gradientForVariable().get(key);
                    if (change != null) {
                        graph.getParam(key).subi(change);
                        NativeArrays.fill(change, 0);
                    }
                }
            }
        }
    }

    private static boolean isFinite(INDArray z) {
        return Double.isFinite(z.sumNumber().doubleValue());
    }

    /** Frees the loss's memory; the graph stays open. */
    @Override
    public void close() {
        loss.close();
    }
}
