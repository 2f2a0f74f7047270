package io.github.sherl4j.barlow;

import static io.github.sherl4j.TestArrays.numbers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.sherl4j.CentralDifferences;
import io.github.sherl4j.TestArrays;
import io.github.sherl4j.train.DivergenceException;
import io.github.sherl4j.train.Lars;
import io.github.sherl4j.train.Momentum;
import java.util.List;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Sgd;

/** The loss in the two passes of a Deeplearning4j network. */
class GraphTwinsTest {
    private static final LossOptions OPTIONS = LossOptions.defaults().withLambda(0.2);

    private static ComputationGraph encoder(IUpdater updater) {
        ComputationGraphConfiguration configuration = new NeuralNetConfiguration.Builder()
                .seed(3)
                .dataType(DataType.DOUBLE)
                .updater(updater)
                .graphBuilder()
                .addInputs("pictures")
                .addLayer(
                        "convolution",
                        new ConvolutionLayer.Builder(3, 3)
                                .nIn(2)
                                .nOut(3)
                                .activation(Activation.TANH)
                                .build(),
                        "pictures")
                .addLayer("norm", new BatchNormalization.Builder().decay(0.9).build(), "convolution")
                .addLayer("features", new GlobalPoolingLayer(PoolingType.AVG), "norm")
                .setOutputs("features")
                .setInputTypes(InputType.convolutional(5, 5, 2))
                .build();
        ComputationGraph graph = new ComputationGraph(configuration);
        graph.init();
        return graph;
    }

    private static INDArray view(long seed) {
        return TestArrays.normal(DataType.DOUBLE, seed, 6, 2, 5, 5);
    }

    private static INDArray statistics(ComputationGraph graph, String name) {
        return graph.getParam("norm_" + name);
    }

    /** With plain descent at rate 1 the parameters move by minus the gradient. */
    @Test
    void aStepFollowsTheGradientOfBothPasses() {
        ComputationGraph graph = GraphTwins.withProjector(encoder(new Sgd(1)), "features", new Sgd(1), 3, 4, 3);
        INDArray first = view(1);
        INDArray second = view(2);
        double[] before = numbers(graph.params());
        try (GraphTwins twins = new GraphTwins(graph, OPTIONS);
                BarlowTwinsLoss loss = new BarlowTwinsLoss(OPTIONS)) {
            double[] numeric = CentralDifferences.gradient(graph.params(), () -> {
                INDArray z1 = graph.feedForward(new INDArray[] {first}, true).get("projector-1");
                try (INDArray kept = z1.dup()) {
                    INDArray z2 =
                            graph.feedForward(new INDArray[] {second}, true).get("projector-1");
                    return loss.of(kept, z2).value();
                }
            });
            LossValue value = twins.fit(first, second);
            assertThat(value.value()).isPositive().isFinite();
            double[] after = numbers(graph.params());
            double largest = 0;
            int learnt = 0;
            for (int i = 0; i < numeric.length; i++) {
                if (numeric[i] != 0) { // running statistics have none
                    largest = Math.max(largest, Math.abs(numeric[i]));
                    learnt++;
                }
            }
            assertThat(learnt).isGreaterThan(50);
            for (int i = 0; i < numeric.length; i++) {
                if (numeric[i] != 0) {
                    assertThat(before[i] - after[i]).isCloseTo(numeric[i], within(1e-6 * largest + 1e-9));
                }
            }
        }
    }

    @Test
    void runningStatisticsMoveByTheFirstViewThenByTheSecond() {
        double[] start = numbers(statistics(encoder(new Sgd(0)), "mean"));
        double[] m1 = batchMean(view(1), start);
        double[] m2 = batchMean(view(2), start);
        ComputationGraph graph = encoder(new Sgd(0));
        try (GraphTwins twins = new GraphTwins(graph, OPTIONS)) {
            twins.fit(view(1), view(2));
        }
        double[] found = numbers(statistics(graph, "mean"));
        for (int i = 0; i < found.length; i++) {
            double expected = 0.9 * (0.9 * start[i] + 0.1 * m1[i]) + 0.1 * m2[i];
            assertThat(found[i]).isCloseTo(expected, within(1e-9));
        }
    }

    /** What a step with the view on both sides moves the mean towards. */
    private static double[] batchMean(INDArray view, double[] start) {
        ComputationGraph graph = encoder(new Sgd(0));
        try (GraphTwins twins = new GraphTwins(graph, OPTIONS)) {
            twins.fit(view, view);
        }
        double[] twice = numbers(statistics(graph, "mean"));
        double[] mean = new double[twice.length];
        for (int i = 0; i < mean.length; i++) {
            mean[i] = (twice[i] - 0.81 * start[i]) / 0.19;
        }
        return mean;
    }

    @Test
    void learnsByLarsInItsOwnTypes() {
        ComputationGraphConfiguration configuration = new NeuralNetConfiguration.Builder()
                .seed(3)
                .updater(new Momentum(0.5, 0.9))
                .biasUpdater(new Momentum(0.1, 0.9))
                .graphBuilder()
                .addInputs("rows")
                .addLayer(
                        "hidden",
                        new DenseLayer.Builder()
                                .nIn(8)
                                .nOut(16)
                                .activation(Activation.RELU)
                                .regularization(List.of(new Lars(0.02, 1e-6)))
                                .build(),
                        "rows")
                .addLayer(
                        "z",
                        new DenseLayer.Builder()
                                .nIn(16)
                                .nOut(5)
                                .hasBias(false)
                                .activation(Activation.IDENTITY)
                                .regularization(List.of(new Lars(0.02, 1e-6)))
                                .build(),
                        "hidden")
                .setOutputs("z")
                .build();
        ComputationGraph graph = new ComputationGraph(configuration);
        graph.init();
        INDArray rows = TestArrays.normal(DataType.FLOAT, 1, 32, 8);
        INDArray others = rows.add(TestArrays.normal(DataType.FLOAT, 2, 32, 8).muli(0.3));
        try (GraphTwins twins = new GraphTwins(graph, OPTIONS)) {
            double start = twins.fit(rows, others).value();
            double end = start;
            for (int i = 0; i < 30; i++) {
                end = twins.fit(rows, others).value();
            }
            assertThat(end).isLessThan(0.5 * start);
            assertThat(graph.getIterationCount()).isEqualTo(31);
        }
    }

    @Test
    void refusesWhatItCannotTrain() {
        ComputationGraph graph = encoder(new Adam());
        assertRefused(
                () -> GraphTwins.withProjector(graph, "feature", new Adam(), 3, 4),
                "features must be a vertex of the graph, but \"feature\" is none of [convolution, features, norm]");
        assertRefused(
                () -> GraphTwins.withProjector(graph, "features", new Adam()), "widths must be at least 2, but are 0");
        ComputationGraphConfiguration labelled = new NeuralNetConfiguration.Builder()
                .graphBuilder()
                .addInputs("in")
                .addLayer("out", new OutputLayer.Builder().nIn(2).nOut(2).build(), "in")
                .setOutputs("out")
                .build();
        ComputationGraph withLabels = new ComputationGraph(labelled);
        withLabels.init();
        assertRefused(
                () -> new GraphTwins(withLabels, OPTIONS),
                "graph's output out must be a layer without labels, such as a DenseLayer, but is an output layer");
        ComputationGraphConfiguration random = new NeuralNetConfiguration.Builder()
                .graphBuilder()
                .addInputs("in")
                .addLayer(
                        "out",
                        new DenseLayer.Builder().nIn(2).nOut(2).dropOut(0.5).build(),
                        "in")
                .setOutputs("out")
                .build();
        ComputationGraph withDropout = new ComputationGraph(random);
        withDropout.init();
        assertRefused(
                () -> new GraphTwins(withDropout, OPTIONS),
                "layer out must not be random, since view 2 runs twice, but has dropout");
        try (GraphTwins twins = new GraphTwins(graph, OPTIONS)) {
            assertRefused(
                    () -> twins.fit(view(1), TestArrays.normal(DataType.DOUBLE, 1, 5, 2, 5, 5)),
                    "second must have the shape [6, 2, 5, 5] of first, but has [5, 2, 5, 5]");
            INDArray one = TestArrays.normal(DataType.DOUBLE, 1, 1, 2, 5, 5);
            assertRefused(() -> twins.fit(one, one), "The batch must have at least 2 rows, but has 1");
            double[] before = numbers(graph.params());
            INDArray poisoned = view(1);
            TestArrays.set(poisoned, 3, Double.NaN);
            assertThatThrownBy(() -> twins.fit(poisoned, view(2))).isInstanceOf(DivergenceException.class);
            assertThat(numbers(graph.params())).isEqualTo(before);
        }
    }

    private static void assertRefused(Runnable call, String message) {
        assertThatThrownBy(call::run)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }
}
