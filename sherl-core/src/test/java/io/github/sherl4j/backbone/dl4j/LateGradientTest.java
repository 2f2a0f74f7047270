package io.github.sherl4j.backbone.dl4j;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sherl4j.CentralDifferences;
import io.github.sherl4j.TestArrays;
import io.github.sherl4j.data.GraphBatch;
import io.github.sherl4j.nd.Memory;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.graph.AttentionVertex;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.L2NormalizeVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.ScaleVertex;
import org.deeplearning4j.nn.conf.graph.SubsetVertex;
import org.deeplearning4j.nn.conf.graph.rnn.LastTimeStepVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Deconvolution2D;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.GravesLSTM;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PReLULayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SelfAttentionLayer;
import org.deeplearning4j.nn.conf.layers.SeparableConvolution2D;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.Upsampling2D;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.deeplearning4j.nn.conf.layers.recurrent.Bidirectional;
import org.deeplearning4j.nn.conf.layers.recurrent.LastTimeStep;
import org.deeplearning4j.nn.conf.layers.recurrent.SimpleRnn;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The gradient of the cut, by central differences, through each kind of layer and vertex. */
class LateGradientTest {
    private static final InputType GRID = InputType.convolutional(6, 6, 3);
    private static final InputType SERIES = InputType.recurrent(4, 5);
    private static final InputType ROW = InputType.feedForward(6);

    @SuppressWarnings("deprecation") // users still have graves lstms
    static Stream<Arguments> layers() {
        return Stream.of(
                layer("dense relu", ROW, dense(Activation.RELU)),
                layer("dense tanh", ROW, dense(Activation.TANH)),
                layer("dense softmax", ROW, dense(Activation.SOFTMAX)),
                layer(
                        "dense without bias",
                        ROW,
                        new DenseLayer.Builder()
                                .nOut(4)
                                .hasBias(false)
                                .activation(Activation.IDENTITY)
                                .build()),
                layer(
                        "dense with layer norm",
                        ROW,
                        new DenseLayer.Builder()
                                .nOut(4)
                                .hasLayerNorm(true)
                                .activation(Activation.TANH)
                                .build()),
                layer("dense behind a grid", GRID, dense(Activation.SIGMOID)),
                layer("dense over time", SERIES, dense(Activation.TANH)),
                layer(
                        "output",
                        ROW,
                        new OutputLayer.Builder()
                                .nOut(3)
                                .activation(Activation.SOFTMAX)
                                .build()),
                layer("convolution 3x3", GRID, conv(3, 1, 1, ConvolutionMode.Truncate, Activation.RELU)),
                layer("convolution same", GRID, conv(3, 1, 0, ConvolutionMode.Same, Activation.TANH)),
                layer("convolution 1x1", GRID, conv(1, 1, 0, ConvolutionMode.Truncate, Activation.IDENTITY)),
                layer("convolution stride 2", GRID, conv(3, 2, 1, ConvolutionMode.Truncate, Activation.IDENTITY)),
                layer("convolution even same", GRID, conv(2, 1, 0, ConvolutionMode.Same, Activation.IDENTITY)),
                layer("convolution same stride 2", GRID, conv(3, 2, 0, ConvolutionMode.Same, Activation.ELU)),
                layer(
                        "convolution dilated",
                        GRID,
                        new ConvolutionLayer.Builder(3, 3)
                                .nOut(2)
                                .dilation(2, 2)
                                .padding(1, 1)
                                .build()),
                layer(
                        "convolution over time",
                        SERIES,
                        new Convolution1DLayer.Builder()
                                .kernelSize(3)
                                .nOut(3)
                                .activation(Activation.TANH)
                                .build()),
                layer(
                        "separable convolution",
                        GRID,
                        new SeparableConvolution2D.Builder(3, 3).nOut(2).build()),
                layer(
                        "deconvolution",
                        GRID,
                        new Deconvolution2D.Builder(2, 2).stride(2, 2).nOut(2).build()),
                layer("batch norm of a grid", GRID, new BatchNormalization()),
                layer("batch norm of rows", ROW, new BatchNormalization()),
                layer("batch norm with fixed scale", GRID, new BatchNormalization.Builder(1.5, 0.5, true).build()),
                layer(
                        "batch norm without logarithms",
                        GRID,
                        new BatchNormalization.Builder().useLogStd(false).build()),
                layer(
                        "max pooling",
                        GRID,
                        new SubsamplingLayer.Builder(
                                        SubsamplingLayer.PoolingType.MAX, new int[] {2, 2}, new int[] {2, 2})
                                .build()),
                layer(
                        "mean pooling",
                        GRID,
                        new SubsamplingLayer.Builder(
                                        SubsamplingLayer.PoolingType.AVG, new int[] {3, 3}, new int[] {1, 1})
                                .build()),
                layer("global max pooling", GRID, new GlobalPoolingLayer(PoolingType.MAX)),
                layer("global mean pooling", GRID, new GlobalPoolingLayer(PoolingType.AVG)),
                layer("global pooling over time", SERIES, new GlobalPoolingLayer(PoolingType.AVG)),
                layer("global p-norm pooling", SERIES, new GlobalPoolingLayer(PoolingType.PNORM)),
                layer("activation", ROW, new ActivationLayer(Activation.SWISH)),
                layer("dropout", ROW, new DropoutLayer(0.5)),
                layer("leaky relu", GRID, new ActivationLayer(Activation.LEAKYRELU)),
                layer("prelu", ROW, new PReLULayer.Builder().inputShape(6).build()),
                layer("local response normalization", GRID, new LocalResponseNormalization()),
                layer("upsampling", GRID, new Upsampling2D.Builder(2).build()),
                layer("zero padding", GRID, new ZeroPaddingLayer(1, 2)),
                layer("lstm", SERIES, new LSTM.Builder().nOut(3).build()),
                layer("graves lstm", SERIES, new GravesLSTM.Builder().nOut(3).build()),
                layer("simple rnn", SERIES, new SimpleRnn.Builder().nOut(3).build()),
                layer(
                        "bidirectional lstm",
                        SERIES,
                        new Bidirectional(new LSTM.Builder().nOut(3).build())),
                layer(
                        "bidirectional product",
                        SERIES,
                        new Bidirectional(
                                Bidirectional.Mode.MUL,
                                new LSTM.Builder().nOut(3).build())),
                layer(
                        "last step",
                        SERIES,
                        new LastTimeStep(new SimpleRnn.Builder().nOut(3).build())),
                layer(
                        "self-attention",
                        SERIES,
                        new SelfAttentionLayer.Builder()
                                .nHeads(2)
                                .headSize(2)
                                .nOut(4)
                                .projectInput(true)
                                .build()),
                layer(
                        "self-attention without projections",
                        SERIES,
                        new SelfAttentionLayer.Builder()
                                .nHeads(1)
                                .nIn(4)
                                .nOut(4)
                                .projectInput(false)
                                .build()));
    }

    private static Arguments layer(String name, InputType input, Layer layer) {
        return Arguments.of(name, input, layer);
    }

    private static Layer dense(Activation activation) {
        return new DenseLayer.Builder().nOut(4).activation(activation).build();
    }

    private static Layer conv(int kernel, int stride, int pad, ConvolutionMode mode, Activation activation) {
        return new ConvolutionLayer.Builder(kernel, kernel)
                .nOut(4)
                .stride(stride, stride)
                .padding(pad, pad)
                .convolutionMode(mode)
                .activation(activation)
                .build();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("layers")
    void throughALayer(String name, InputType input, Layer layer) {
        ComputationGraph graph = TinyGraphs.graph(input, builder -> {
            builder.addLayer("cut", new ActivationLayer(Activation.TANH), "input");
            builder.addLayer("late", layer, "cut");
            return "late";
        });
        check(graph, input);
    }

    /** Without batch norm of rows at the end, where Deeplearning4j's own inference fails. */
    static Stream<Arguments> layersThatRun() {
        return layers().filter(arguments -> !arguments.get()[0].equals("batch norm of rows"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("layersThatRun")
    void asInTheNetworkItself(String name, InputType input, Layer layer) {
        ComputationGraph graph = TinyGraphs.graph(input, builder -> {
            builder.addLayer("cut", new ActivationLayer(Activation.TANH), "input");
            builder.addLayer("late", layer, "cut");
            return "late";
        });
        INDArray features = TinyGraphs.features(input, 3, 5);
        INDArray expected =
                graph.outputSingle(features.dup()); // an activation at the start overwrites what it is given
        try (GraphBackbone backbone = GraphBackbone.of(graph, GraphCut.at("cut").upTo("late"));
                Memory memory = new Memory(DataType.DOUBLE)) {
            GraphBackbone.Early early = backbone.early(memory, GraphBatch.of(features));
            INDArray output = backbone.forward(early, early.states().get(0)).output();
            assertThat(TestArrays.difference(TestArrays.numbers(output), TestArrays.numbers(channelsLast(expected))))
                    .isLessThan(1e-12);
        }
    }

    static INDArray channelsLast(INDArray array) {
        return switch (array.rank()) {
            case 3 -> array.permute(0, 2, 1);
            case 4 -> array.permute(0, 2, 3, 1);
            default -> array;
        };
    }

    static Stream<Arguments> vertices() {
        return Stream.of(
                Arguments.of(
                        "sum",
                        ROW,
                        vertex((builder, cut) -> builder.addLayer("side", dense(Activation.TANH), "cut")
                                .addLayer("other", dense(Activation.RELU), "cut")
                                .addVertex("late", new ElementWiseVertex(ElementWiseVertex.Op.Add), "side", "other"))),
                Arguments.of(
                        "sum with the cut",
                        GRID,
                        vertex((builder, cut) -> builder.addLayer(
                                        "side", conv(3, 1, 0, ConvolutionMode.Same, Activation.TANH), "cut")
                                .addLayer("other", conv(1, 1, 0, ConvolutionMode.Same, Activation.RELU), "side")
                                .addVertex("late", new ElementWiseVertex(ElementWiseVertex.Op.Add), "side", "other"))),
                Arguments.of(
                        "product",
                        ROW,
                        vertex((builder, cut) -> builder.addLayer("side", dense(Activation.TANH), "cut")
                                .addLayer("other", dense(Activation.RELU), "cut")
                                .addVertex(
                                        "late", new ElementWiseVertex(ElementWiseVertex.Op.Product), "side", "other"))),
                Arguments.of(
                        "maximum",
                        ROW,
                        vertex((builder, cut) -> builder.addLayer("side", dense(Activation.TANH), "cut")
                                .addLayer("other", dense(Activation.RELU), "cut")
                                .addVertex("late", new ElementWiseVertex(ElementWiseVertex.Op.Max), "side", "other"))),
                Arguments.of(
                        "difference",
                        ROW,
                        vertex((builder, cut) -> builder.addLayer("side", dense(Activation.TANH), "cut")
                                .addLayer("other", dense(Activation.RELU), "cut")
                                .addVertex(
                                        "late",
                                        new ElementWiseVertex(ElementWiseVertex.Op.Subtract),
                                        "side",
                                        "other"))),
                Arguments.of(
                        "merge of grids",
                        GRID,
                        vertex((builder, cut) -> builder.addLayer(
                                        "side", conv(3, 1, 0, ConvolutionMode.Same, Activation.TANH), "cut")
                                .addVertex("late", new MergeVertex(), "cut", "side"))),
                Arguments.of(
                        "merge of rows",
                        ROW,
                        vertex((builder, cut) -> builder.addLayer("side", dense(Activation.TANH), "cut")
                                .addVertex("late", new MergeVertex(), "side", "cut"))),
                Arguments.of(
                        "merge of series",
                        SERIES,
                        vertex((builder, cut) -> builder.addLayer(
                                        "side", new LSTM.Builder().nOut(3).build(), "cut")
                                .addVertex("late", new MergeVertex(), "side", "cut"))),
                Arguments.of(
                        "scale", ROW, vertex((builder, cut) -> builder.addVertex("late", new ScaleVertex(2.5), "cut"))),
                Arguments.of(
                        "subset",
                        ROW,
                        vertex((builder, cut) -> builder.addVertex("late", new SubsetVertex(1, 3), "cut"))),
                Arguments.of(
                        "normalisation",
                        ROW,
                        vertex((builder, cut) -> builder.addVertex("late", new L2NormalizeVertex(), "cut"))),
                Arguments.of(
                        "last time step",
                        SERIES,
                        vertex((builder, cut) -> builder.addVertex("late", new LastTimeStepVertex("input"), "cut"))),
                Arguments.of(
                        "attention",
                        SERIES,
                        vertex((builder, cut) -> builder.addVertex(
                                "late",
                                new AttentionVertex.Builder()
                                        .nInKeys(4)
                                        .nInQueries(4)
                                        .nInValues(4)
                                        .nHeads(2)
                                        .headSize(2)
                                        .nOut(4)
                                        .projectInput(true)
                                        .build(),
                                "cut",
                                "cut",
                                "cut"))),
                Arguments.of(
                        "a skip past the cut",
                        ROW,
                        vertex((builder, cut) -> builder.addLayer("side", dense(Activation.TANH), "cut")
                                .addLayer("early", dense(Activation.RELU), "input")
                                .addVertex(
                                        "late",
                                        new ElementWiseVertex(ElementWiseVertex.Op.Product),
                                        "side",
                                        "early"))));
    }

    private static TinyGraphs.Wiring vertex(TinyGraphs.Wiring wiring) {
        return wiring;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("vertices")
    void throughAVertex(String name, InputType input, TinyGraphs.Wiring wiring) {
        ComputationGraph graph = TinyGraphs.graph(input, builder -> {
            builder.addLayer("cut", new ActivationLayer(Activation.TANH), "input");
            wiring.wire(builder, "cut");
            return "late";
        });
        check(graph, input);
    }

    private static void check(ComputationGraph graph, InputType input) {
        INDArray features = TinyGraphs.features(input, 3, 7);
        try (GraphBackbone backbone = GraphBackbone.of(graph, GraphCut.at("cut").upTo("late"));
                Memory memory = new Memory(DataType.DOUBLE)) {
            GraphBackbone.Early early = backbone.early(memory, GraphBatch.of(features));
            INDArray adapted = early.states().get(0).dup('c').addi(0.05);
            GraphBackbone.Late late = backbone.forward(early, adapted);
            double[] cotangent = TestArrays.normal((int) late.output().length(), 11);
            INDArray gradOutput =
                    TestArrays.of(DataType.DOUBLE, cotangent, late.output().shape());
            INDArray gradient = TestArrays.blank(DataType.DOUBLE, adapted.shape());
            late.backward(gradOutput, gradient);
            CentralDifferences.check(
                    "cut",
                    adapted,
                    gradient,
                    () -> CentralDifferences.weightedSum(
                            backbone.forward(early, adapted).output(), cotangent));
        }
    }
}
