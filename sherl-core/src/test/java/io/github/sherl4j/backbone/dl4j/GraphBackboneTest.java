package io.github.sherl4j.backbone.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sherl4j.CentralDifferences;
import io.github.sherl4j.TestArrays;
import io.github.sherl4j.data.GraphBatch;
import io.github.sherl4j.nd.Memory;
import java.util.List;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingSequenceLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.LocallyConnected1D;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.SelfAttentionLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.impl.ActivationRReLU;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;

class GraphBackboneTest {
    private static final InputType ROW = InputType.feedForward(4);
    private static final InputType SERIES = InputType.recurrent(4, 5);

    private static ComputationGraph chain(double dropOut) {
        return TinyGraphs.graph(ROW, builder -> {
            builder.addLayer("first", dense(Activation.TANH), "input");
            builder.addLayer("second", dense(Activation.TANH), "first");
            builder.addLayer(
                    "third",
                    new DenseLayer.Builder()
                            .nOut(4)
                            .dropOut(dropOut)
                            .activation(Activation.TANH)
                            .build(),
                    "second");
            builder.addLayer(
                    "out",
                    new OutputLayer.Builder()
                            .nOut(3)
                            .activation(Activation.SOFTMAX)
                            .build(),
                    "third");
            return "out";
        });
    }

    private static DenseLayer dense(Activation activation) {
        return new DenseLayer.Builder().nOut(4).activation(activation).build();
    }

    @Test
    void theLatePartEndsBeforeTheOutputLayer() {
        ComputationGraph graph = chain(0);
        INDArray features = TinyGraphs.features(ROW, 2, 1);
        INDArray expected =
                graph.feedForward(features.dup(), false).get("third").dup();
        try (GraphBackbone backbone =
                        GraphBackbone.of(graph, GraphCut.at("second").tapping("input", "first"));
                Memory memory = new Memory(DataType.DOUBLE)) {
            GraphBackbone.Early early = backbone.infer(memory, GraphBatch.of(features));
            assertThat(backbone.names()).containsExactly("input", "first", "second");
            assertThat(TestArrays.numbers(early.states().get(0))).isEqualTo(TestArrays.numbers(features));
            GraphBackbone.Output output = backbone.infer(early, early.states().get(2));
            assertThat(TestArrays.difference(TestArrays.numbers(output.output()), TestArrays.numbers(expected)))
                    .isLessThan(1e-12);
        }
    }

    @Test
    void theUsersNetworkIsNotTouched() {
        ComputationGraph graph = chain(0.5);
        double[] before = TestArrays.numbers(graph.params());
        INDArray features = TinyGraphs.features(ROW, 2, 1);
        double[] numbers = TestArrays.numbers(features);
        try (GraphBackbone backbone = GraphBackbone.of(graph, GraphCut.at("second"));
                Memory memory = new Memory(DataType.DOUBLE)) {
            GraphBackbone.Early early = backbone.early(memory, GraphBatch.of(features));
            GraphBackbone.Late late = backbone.forward(early, early.states().get(0));
            INDArray gradient = TestArrays.blank(DataType.DOUBLE, 2, 4);
            late.backward(TestArrays.normal(DataType.DOUBLE, 2, 2, 4), gradient);
        }
        assertThat(TestArrays.numbers(graph.params())).isEqualTo(before);
        assertThat(TestArrays.numbers(features)).isEqualTo(numbers);
        assertThat(graph.getLayer("third").conf().getLayer().getIDropout()).isNotNull();
    }

    @Test
    void weightsAreTheUsersOwnAndMakeTheFingerprint() {
        ComputationGraph graph = chain(0);
        try (GraphBackbone backbone = GraphBackbone.of(graph, GraphCut.at("second"))) {
            assertThat(backbone.parameters().stream()
                            .mapToLong(p -> p.value().length())
                            .sum())
                    .isEqualTo(graph.numParams());
            String before = backbone.fingerprint();
            graph.params().addi(0.1);
            assertThat(GraphBackbone.of(graph, GraphCut.at("second")).fingerprint())
                    .isNotEqualTo(before);
        }
    }

    @Test
    void layersOfAChainAreNamedByTheirNumbers() {
        MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(1)
                .dataType(DataType.DOUBLE)
                .list()
                .layer(new ConvolutionLayer.Builder(3, 3)
                        .nOut(2)
                        .convolutionMode(ConvolutionMode.Same)
                        .activation(Activation.TANH)
                        .build())
                .layer(dense(Activation.TANH))
                .layer(new OutputLayer.Builder()
                        .nOut(2)
                        .activation(Activation.SOFTMAX)
                        .build())
                .setInputType(InputType.convolutional(4, 4, 1))
                .build());
        network.init();
        INDArray features = TinyGraphs.features(InputType.convolutional(4, 4, 1), 2, 3);
        List<INDArray> expected = network.feedForward(features.dup(), false);
        try (GraphBackbone backbone = GraphBackbone.of(
                        network, GraphCut.at(network.getLayerNames().get(0)));
                Memory memory = new Memory(DataType.DOUBLE)) {
            GraphBackbone.Early early = backbone.early(memory, GraphBatch.of(features));
            assertThat(early.states().get(0).shape()).containsExactly(2, 4, 4, 2);
            assertThat(TestArrays.difference(
                            TestArrays.numbers(early.states().get(0)),
                            TestArrays.numbers(LateGradientTest.channelsLast(expected.get(1)))))
                    .isLessThan(1e-12);
            INDArray output = backbone.forward(early, early.states().get(0)).output();
            assertThat(TestArrays.difference(TestArrays.numbers(output), TestArrays.numbers(expected.get(2))))
                    .isLessThan(1e-12);
        }
    }

    @Test
    void masksAreHonoured() {
        ComputationGraph graph = TinyGraphs.graph(SERIES, builder -> {
            builder.addLayer("cut", new LSTM.Builder().nOut(4).build(), "input");
            builder.addLayer(
                    "attention",
                    new SelfAttentionLayer.Builder()
                            .nHeads(2)
                            .headSize(2)
                            .nOut(4)
                            .projectInput(true)
                            .build(),
                    "cut");
            builder.addLayer("lstm", new LSTM.Builder().nOut(3).build(), "attention");
            builder.addLayer("pool", new GlobalPoolingLayer(PoolingType.AVG), "lstm");
            return "pool";
        });
        INDArray features = TinyGraphs.features(SERIES, 2, 3);
        INDArray mask = TestArrays.of(DataType.DOUBLE, new double[] {1, 1, 1, 1, 1, 1, 1, 1, 0, 0}, 2, 5);
        graph.setLayerMaskArrays(new INDArray[] {mask}, null);
        INDArray expected = graph.output(false, features.dup())[0].dup();
        DataSet data = new DataSet(features, null, mask, null);
        try (GraphBackbone backbone = GraphBackbone.of(graph, GraphCut.at("cut").upTo("pool"));
                Memory memory = new Memory(DataType.DOUBLE)) {
            GraphBackbone.Early early = backbone.early(memory, GraphBatch.of(data));
            INDArray adapted = early.states().get(0);
            GraphBackbone.Late late = backbone.forward(early, adapted);
            assertThat(TestArrays.difference(TestArrays.numbers(late.output()), TestArrays.numbers(expected)))
                    .isLessThan(1e-12);
            double[] cotangent = TestArrays.normal((int) late.output().length(), 5);
            INDArray gradient = TestArrays.blank(DataType.DOUBLE, adapted.shape());
            late.backward(
                    TestArrays.of(DataType.DOUBLE, cotangent, late.output().shape()), gradient);
            CentralDifferences.check(
                    "cut",
                    adapted,
                    gradient,
                    () -> CentralDifferences.weightedSum(
                            backbone.forward(early, adapted).output(), cotangent));
        }
    }

    @Test
    void frozenLayersLetGradientsThrough() {
        ComputationGraph graph = TinyGraphs.graph(ROW, builder -> {
            builder.addLayer("cut", new ActivationLayer(Activation.TANH), "input");
            builder.addLayer(
                    "late",
                    new FrozenLayer.Builder().layer(dense(Activation.TANH)).build(),
                    "cut");
            return "late";
        });
        try (GraphBackbone backbone = GraphBackbone.of(graph, GraphCut.at("cut").upTo("late"));
                Memory memory = new Memory(DataType.DOUBLE)) {
            GraphBackbone.Early early = backbone.early(memory, GraphBatch.of(TinyGraphs.features(ROW, 2, 3)));
            GraphBackbone.Late late = backbone.forward(early, early.states().get(0));
            INDArray gradient = TestArrays.blank(DataType.DOUBLE, 2, 4);
            late.backward(TestArrays.normal(DataType.DOUBLE, 4, 2, 4), gradient);
            assertThat(TestArrays.numbers(gradient)).doesNotContain(0.0);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 12})
    void theEarlyPartsPeakDoesNotGrowWithDepth(int depth) {
        InputType grid = InputType.convolutional(32, 32, 4);
        ComputationGraph graph = TinyGraphs.graph(grid, builder -> {
            String from = "input";
            for (int i = 0; i < depth; i++) {
                builder.addLayer(
                        "layer" + i,
                        new ConvolutionLayer.Builder(3, 3)
                                .nOut(4)
                                .convolutionMode(ConvolutionMode.Same)
                                .activation(Activation.TANH)
                                .build(),
                        from);
                from = "layer" + i;
            }
            builder.addLayer("cut", new GlobalPoolingLayer(PoolingType.AVG), from);
            builder.addLayer(
                    "out",
                    new OutputLayer.Builder()
                            .nOut(2)
                            .activation(Activation.SOFTMAX)
                            .build(),
                    "cut");
            return "out";
        });
        INDArray features = TinyGraphs.features(grid, 2, 1);
        try (GraphBackbone backbone = GraphBackbone.of(graph, GraphCut.at("cut"));
                Memory memory = new Memory(DataType.DOUBLE)) {
            backbone.early(memory, GraphBatch.of(features));
            memory.reset();
            long oneState = 2 * 32 * 32 * 4 * 8L;
            assertThat(memory.bytes()).isBetween(2 * oneState, 3 * oneState);
        }
    }

    @Test
    void namesOnTheWrongSideAreRefused() {
        ComputationGraph graph = chain(0);
        assertThatThrownBy(() -> GraphBackbone.of(graph, GraphCut.at("fourth")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "cut must be one of the network's states [input, first, second, third, out], but is fourth");
        assertThatThrownBy(() -> GraphBackbone.of(graph, GraphCut.at("second").tapping("third")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("tap third follows the cut second, so it cannot be tapped");
        assertThatThrownBy(() -> GraphBackbone.of(graph, GraphCut.at("second").upTo("first")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("output first does not follow the cut second");
    }

    @Test
    void whatHasNoGradientIsRefusedByName() {
        ComputationGraph graph = TinyGraphs.graph(SERIES, builder -> {
            builder.addLayer("cut", new LSTM.Builder().nOut(4).build(), "input");
            builder.addLayer(
                    "random",
                    new ActivationLayer.Builder()
                            .activation(new ActivationRReLU())
                            .build(),
                    "cut");
            builder.addLayer(
                    "out",
                    new RnnOutputLayer.Builder()
                            .nOut(2)
                            .activation(Activation.SOFTMAX)
                            .build(),
                    "random");
            return "out";
        });
        assertThatThrownBy(() -> GraphBackbone.of(graph, GraphCut.at("cut").upTo("out")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(
                        "No gradient can be sent back to the cut cut through [random: its activation RReLU")
                .hasMessageContaining("out: Deeplearning4j computes its gradient from labels alone");
        ComputationGraph local = TinyGraphs.graph(SERIES, builder -> {
            builder.addLayer("cut", new LSTM.Builder().nOut(4).build(), "input");
            builder.addLayer(
                    "local",
                    new LocallyConnected1D.Builder()
                            .kernelSize(2)
                            .nOut(2)
                            .setInputSize(5)
                            .build(),
                    "cut");
            return "local";
        });
        assertThatThrownBy(() -> GraphBackbone.of(local, GraphCut.at("cut").upTo("local")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("[local: Deeplearning4j's gradient of the input of a layer made of SameDiff");
        MultiLayerNetwork indices = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .dataType(DataType.DOUBLE)
                .list()
                .layer(new EmbeddingSequenceLayer.Builder()
                        .nIn(5)
                        .nOut(4)
                        .inputLength(5)
                        .build())
                .layer(new LSTM.Builder().nIn(4).nOut(3).build())
                .layer(new RnnOutputLayer.Builder()
                        .nIn(3)
                        .nOut(2)
                        .activation(Activation.SOFTMAX)
                        .build())
                .build());
        indices.init();
        assertThatThrownBy(() -> GraphBackbone.of(indices, GraphCut.at("input")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("its input is indices, which have no gradient");
    }

    @Test
    void aBatchHasToFitTheInputs() {
        try (GraphBackbone backbone = GraphBackbone.of(chain(0), GraphCut.at("second"));
                Memory memory = new Memory(DataType.DOUBLE)) {
            INDArray features = TinyGraphs.features(ROW, 2, 1);
            assertThatThrownBy(() -> backbone.early(memory, GraphBatch.of(features, features)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("features must be one array for each of the network's inputs [input], but are 2");
        }
    }
}
