package io.github.sherl4j.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sherl4j.TestArrays;
import io.github.sherl4j.backbone.dl4j.GraphBackbone;
import io.github.sherl4j.backbone.dl4j.GraphCut;
import io.github.sherl4j.data.GraphBatch;
import io.github.sherl4j.train.TrainConfig;
import io.github.sherl4j.train.Trainer;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

class GraphExportTest {
    @TempDir
    private Path folder;

    private static ComputationGraph graph(
            InputType input, Function<ComputationGraphConfiguration.GraphBuilder, String> wiring) {
        ComputationGraphConfiguration.GraphBuilder builder = new NeuralNetConfiguration.Builder()
                .seed(7)
                .dataType(DataType.DOUBLE)
                .graphBuilder()
                .addInputs("input")
                .setInputTypes(input);
        builder.setOutputs(wiring.apply(builder));
        ComputationGraph graph = new ComputationGraph(builder.build());
        graph.init();
        return graph;
    }

    private static ComputationGraph grids() {
        return graph(InputType.convolutional(8, 8, 1), builder -> {
            builder.addLayer("one", convolution(4, 1), "input")
                    .addLayer("two", convolution(6, 2), "one")
                    .addLayer("norm", new BatchNormalization(), "two")
                    .addLayer("three", convolution(5, 1), "norm")
                    .addLayer(
                            "out",
                            new OutputLayer.Builder()
                                    .nOut(2)
                                    .activation(Activation.SOFTMAX)
                                    .build(),
                            "three");
            return "out";
        });
    }

    private static ComputationGraph series() {
        return graph(InputType.recurrent(3, 5), builder -> {
            builder.addLayer("one", new LSTM.Builder().nOut(4).build(), "input")
                    .addLayer("two", new LSTM.Builder().nOut(4).build(), "one")
                    .addLayer("three", new LSTM.Builder().nOut(5).build(), "two")
                    .addLayer(
                            "out",
                            new RnnOutputLayer.Builder()
                                    .nOut(2)
                                    .activation(Activation.SOFTMAX)
                                    .build(),
                            "three");
            return "out";
        });
    }

    private static ConvolutionLayer convolution(int channels, int stride) {
        return new ConvolutionLayer.Builder(3, 3)
                .nOut(channels)
                .stride(stride, stride)
                .convolutionMode(ConvolutionMode.Same)
                .activation(Activation.TANH)
                .build();
    }

    private static DataSet data(long[] features, long... labels) {
        Nd4j.getRandom().setSeed(3);
        return new DataSet(TestArrays.normal(DataType.DOUBLE, 1, features), Nd4j.rand(DataType.DOUBLE, labels));
    }

    private static void train(GraphModel model, DataSet data) {
        new Trainer(TrainConfig.defaults().withEpochs(3).withPeakRate(0.01))
                .fit(
                        model,
                        new ListDataSetIterator<>(
                                List.of(data), (int) data.getFeatures().size(0)),
                        null);
    }

    private void checkExport(ComputationGraph source, GraphCut cut, GraphTask task, DataSet data) throws IOException {
        GraphBatch batch = GraphBatch.of(data);
        try (GraphBackbone backbone = GraphBackbone.of(source, cut);
                GraphModel model = GraphModel.sherl(backbone, batch, 2, task, 1)) {
            train(model, data);
            double[] expected = TestArrays.numbers(model.output(batch));
            File file = folder.resolve("model.zip").toFile();
            model.export(source).save(file);
            ComputationGraph loaded = ComputationGraph.load(file, true);
            if (data.getFeaturesMaskArray() != null) {
                loaded.setLayerMaskArrays(new INDArray[] {data.getFeaturesMaskArray()}, null);
            }
            INDArray output = loaded.output(false, data.getFeatures().dup())[0];
            assertThat(TestArrays.difference(TestArrays.numbers(output), expected))
                    .isLessThan(1e-10);
            assertThat(loaded.getVertex("out")).isNull();
            assertThatThrownBy(() -> loaded.fit(data)).isInstanceOf(UnsupportedOperationException.class);
        }
    }

    @Test
    void gridsAreExportedWithPoolAndHead() throws IOException {
        GraphCut cut = GraphCut.at("norm").tapping("one", "two").upTo("three");
        checkExport(grids(), cut, GraphTask.CLASSES, data(new long[] {3, 1, 8, 8}, 3, 2));
    }

    @Test
    void theCutItselfMayBeTheLastState() throws IOException {
        GraphCut cut = GraphCut.at("norm").tapping("one").upTo("norm");
        checkExport(grids(), cut, GraphTask.NUMBERS, data(new long[] {3, 1, 8, 8}, 3, 2));
    }

    @Test
    void seriesAreExportedWithTheirMasks() throws IOException {
        INDArray mask = TestArrays.of(DataType.DOUBLE, new double[] {1, 1, 1, 1, 1, 1, 1, 1, 0, 0}, 2, 5);
        DataSet data = data(new long[] {2, 3, 5}, 2, 2);
        data.setFeaturesMaskArray(mask);
        checkExport(series(), GraphCut.at("two").tapping("one"), GraphTask.LABELS, data);
    }

    @Test
    void eachStepOfASeriesHasItsPrediction() throws IOException {
        checkExport(
                series(), GraphCut.at("two").tapping("one"), GraphTask.CLASSES, data(new long[] {2, 3, 5}, 2, 2, 5));
    }

    @Test
    void feedForwardNetworksAreExported() throws IOException {
        ComputationGraph source = graph(InputType.feedForward(4), builder -> {
            builder.addLayer(
                            "one",
                            new DenseLayer.Builder()
                                    .nOut(5)
                                    .activation(Activation.TANH)
                                    .build(),
                            "input")
                    .addLayer(
                            "two",
                            new DenseLayer.Builder()
                                    .nOut(6)
                                    .activation(Activation.TANH)
                                    .build(),
                            "one")
                    .addLayer(
                            "three",
                            new DenseLayer.Builder()
                                    .nOut(3)
                                    .activation(Activation.TANH)
                                    .build(),
                            "two")
                    .addLayer(
                            "out",
                            new OutputLayer.Builder()
                                    .nOut(2)
                                    .activation(Activation.SOFTMAX)
                                    .build(),
                            "three");
            return "out";
        });
        checkExport(
                source, GraphCut.at("two").tapping("input", "one"), GraphTask.NUMBERS, data(new long[] {3, 4}, 3, 1));
    }

    @Test
    void checkpointsComeBack() throws IOException {
        DataSet data = data(new long[] {3, 1, 8, 8}, 3, 2);
        GraphBatch batch = GraphBatch.of(data);
        ComputationGraph source = grids();
        GraphCut cut = GraphCut.at("norm").tapping("one", "two");
        try (GraphBackbone backbone = GraphBackbone.of(source, cut);
                GraphModel model = GraphModel.sherl(backbone, batch, 2, GraphTask.CLASSES, 1);
                GraphModel other = GraphModel.sherl(backbone, batch, 2, GraphTask.CLASSES, 2)) {
            train(model, data);
            model.save(folder);
            other.restore(folder);
            assertThat(TestArrays.numbers(other.output(batch))).isEqualTo(TestArrays.numbers(model.output(batch)));
            assertThat(TestArrays.difference(
                            TestArrays.numbers(other.export(source).output(false, data.getFeatures())[0]),
                            TestArrays.numbers(model.output(batch))))
                    .isLessThan(1e-10);
            source.params().addi(0.1);
            GraphBackbone changed = GraphBackbone.of(source, cut);
            try (GraphModel stranger = GraphModel.sherl(changed, batch, 2, GraphTask.CLASSES, 2)) {
                assertThatThrownBy(() -> stranger.restore(folder))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("was trained on the network with fingerprint " + backbone.fingerprint());
            }
        }
    }

    @Test
    void whatCannotBeExportedIsRefused() {
        GraphBatch batch = GraphBatch.of(data(new long[] {3, 1, 8, 8}, 3, 2));
        ComputationGraph source = grids();
        try (GraphBackbone backbone = GraphBackbone.of(source, GraphCut.at("norm"));
                GraphModel model = GraphModel.sherl(backbone, batch, 2, GraphTask.CLASSES, 1);
                GraphModel head = GraphModel.headOnly(backbone, batch, GraphTask.CLASSES, 1)) {
            assertThatThrownBy(() -> head.export(source))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("The model has no adapter to export: its head alone was trained");
            assertThatThrownBy(() -> model.export(grids()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("source must be the graph that the backbone was cut from");
        }
    }

    @Test
    void whatStandsBetweenVerticesOrWasExportedBeforeIsRefused() {
        DataSet data = data(new long[] {3, 1, 8, 8}, 3, 2);
        GraphBatch batch = GraphBatch.of(data);
        ComputationGraph source = grids();
        ComputationGraph exported;
        try (GraphBackbone backbone =
                        GraphBackbone.of(source, GraphCut.at("norm").upTo("three"));
                GraphModel model = GraphModel.sherl(backbone, batch, 2, GraphTask.CLASSES, 1)) {
            exported = model.export(source);
        }
        try (GraphBackbone backbone = GraphBackbone.of(exported, GraphCut.at("three"));
                GraphModel model = GraphModel.headOnly(backbone, batch, GraphTask.CLASSES, 1)) {
            assertThat(model.output(batch).shape()).containsExactly(3, 2);
        }
        try (GraphBackbone backbone =
                        GraphBackbone.of(exported, GraphCut.at("three").upTo("three"));
                GraphModel model = GraphModel.sherl(backbone, batch, 2, GraphTask.CLASSES, 1)) {
            assertThatThrownBy(() -> model.export(exported))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(
                            "The graph has a vertex sherl-adapter already, so it cannot be exported: was it exported"
                                    + " before?");
        }
        try (GraphBackbone backbone =
                        GraphBackbone.of(source, GraphCut.at("out/preprocessor").upTo("out/preprocessor"));
                GraphModel model = GraphModel.sherl(backbone, batch, 2, GraphTask.CLASSES, 1)) {
            assertThatThrownBy(() -> model.export(source))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("State out/preprocessor is no vertex of the graph");
        }
    }

    @Test
    void aDescriptionThatLacksSomethingIsRefused() {
        assertThatThrownBy(() -> new SherlVertex(null, List.of(3L), "CHANNELS_LAST"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "The vertex of a SHERL adapter must have options, stateWidths and layout, but has null, [3] and"
                                + " CHANNELS_LAST");
        assertThatThrownBy(() -> new SherlVertex(Map.of("width", "3"), List.of(3L), "CHANNELS_LAST").numParams(false))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("The vertex of a SHERL adapter lacks the option reduction");
    }
}
