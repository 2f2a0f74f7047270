package io.github.sherl4j.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sherl4j.CentralDifferences;
import io.github.sherl4j.TestArrays;
import io.github.sherl4j.backbone.dl4j.GraphBackbone;
import io.github.sherl4j.backbone.dl4j.GraphCut;
import io.github.sherl4j.data.GraphBatch;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.train.RateShape;
import io.github.sherl4j.train.TrainConfig;
import io.github.sherl4j.train.TrainReport;
import io.github.sherl4j.train.Trainer;
import io.github.sherl4j.train.TrainingListeners;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.optimize.listeners.CollectScoresIterationListener;
import org.deeplearning4j.optimize.listeners.EvaluativeListener;
import org.deeplearning4j.optimize.listeners.PerformanceListener;
import org.deeplearning4j.optimize.listeners.ScoreIterationListener;
import org.deeplearning4j.optimize.listeners.TimeIterationListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.evaluation.classification.Evaluation;
import org.nd4j.evaluation.classification.ROC;
import org.nd4j.evaluation.regression.RegressionEvaluation;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

class GraphModelTest {
    private static ComputationGraph grids(DataType type) {
        ComputationGraph graph = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .seed(5)
                .dataType(type)
                .graphBuilder()
                .addInputs("input")
                .setInputTypes(InputType.convolutional(8, 8, 1))
                .addLayer("one", convolution(4, 1), "input")
                .addLayer("two", convolution(6, 2), "one")
                .addLayer("norm", new BatchNormalization(), "two")
                .addLayer("three", convolution(6, 1), "norm")
                .addLayer("pool", new GlobalPoolingLayer(PoolingType.AVG), "three")
                .addLayer(
                        "out",
                        new OutputLayer.Builder()
                                .nOut(2)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        "pool")
                .setOutputs("out")
                .build());
        graph.init();
        return graph;
    }

    private static ConvolutionLayer convolution(int channels, int stride) {
        return new ConvolutionLayer.Builder(3, 3)
                .nOut(channels)
                .stride(stride, stride)
                .convolutionMode(ConvolutionMode.Same)
                .activation(Activation.TANH)
                .build();
    }

    private static MultiLayerNetwork series() {
        MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(5)
                .dataType(DataType.DOUBLE)
                .list()
                .layer(new LSTM.Builder().nIn(3).nOut(4).build())
                .layer(new LSTM.Builder().nOut(4).build())
                .layer(new LSTM.Builder().nOut(5).build())
                .layer(new RnnOutputLayer.Builder()
                        .nOut(2)
                        .activation(Activation.SOFTMAX)
                        .build())
                .setInputType(InputType.recurrent(3, 5))
                .build());
        network.init();
        return network;
    }

    /** Upright stripes against level stripes. */
    private static List<DataSet> pictures(DataType type, int batches, int size) {
        Random random = new Random(3);
        List<DataSet> data = new ArrayList<>();
        for (int batch = 0; batch < batches; batch++) {
            INDArray features = TestArrays.normal(type, batch, size, 1, 8, 8).muli(0.3);
            INDArray labels = Nd4j.create(type, size, 2);
            for (int i = 0; i < size; i++) {
                int label = random.nextInt(2);
                labels.putScalar(i, label, 1);
                for (int y = 0; y < 8; y++) {
                    for (int x = 0; x < 8; x += 2) {
                        features.putScalar(label == 0 ? new int[] {i, 0, y, x} : new int[] {i, 0, x, y}, 1);
                    }
                }
            }
            data.add(new DataSet(features, labels));
        }
        return data;
    }

    private static GraphCut gridCut() {
        return GraphCut.at("norm").tapping("one", "two");
    }

    @ParameterizedTest
    @EnumSource(GraphTask.class)
    void gradientsOfAllParameters(GraphTask task) {
        GraphBatch batch = GraphBatch.of(pictures(DataType.DOUBLE, 1, 3).get(0));
        try (GraphBackbone backbone = GraphBackbone.of(grids(DataType.DOUBLE), gridCut());
                GraphModel model = GraphModel.sherl(
                        backbone, batch, 2, task, 4)) { // a seed that no relu or maximum is at a kink with
            checkGradients(model, batch);
        }
    }

    @ParameterizedTest
    @EnumSource(GraphTask.class)
    void gradientsWithMasksOverTime(GraphTask task) {
        INDArray features = TestArrays.normal(DataType.DOUBLE, 1, 2, 3, 5);
        INDArray labels = Nd4j.rand(DataType.DOUBLE, 2, 2, 5);
        labels = labels.div(labels.sum(true, 1));
        INDArray mask = TestArrays.of(DataType.DOUBLE, new double[] {1, 1, 1, 1, 1, 1, 1, 1, 0, 0}, 2, 5);
        INDArray labelMask = TestArrays.of(DataType.DOUBLE, new double[] {0, 1, 1, 0, 1, 1, 1, 1, 0, 0}, 2, 5);
        GraphBatch batch = GraphBatch.of(new DataSet(features, labels, mask, labelMask));
        MultiLayerNetwork network = series();
        List<String> names = network.getLayerNames();
        try (GraphBackbone backbone =
                        GraphBackbone.of(network, GraphCut.at(names.get(1)).tapping(names.get(0)));
                GraphModel model = GraphModel.sherl(backbone, batch, 2, task, 1)) {
            checkGradients(model, batch);
            double loss = model.accumulate(batch, 1, 7);
            INDArray other = labels.dup();
            other.putScalar(new int[] {0, 0, 0}, 9);
            GraphBatch changed = GraphBatch.of(new DataSet(features, other, mask, labelMask));
            assertThat(model.accumulate(changed, 1, 7)).isEqualTo(loss);
        }
    }

    private static void checkGradients(GraphModel model, GraphBatch batch) {
        for (Parameter parameter : model.parameters().parameters()) {
            model.parameters().zeroGradients();
            INDArray value = parameter.value();
            if (parameter.name().equals("adapter.gate")) {
                value.assign(0.05);
            }
            model.accumulate(batch, 1, 7);
            INDArray gradient = parameter.gradient().dup('c');
            CentralDifferences.check(parameter.name(), value, gradient, () -> model.accumulate(batch, 1, 7));
        }
    }

    @Test
    void learnsFromAnIteratorAndTellsDeeplearning4jsListeners() {
        ListDataSetIterator<DataSet> train = new ListDataSetIterator<>(flat(pictures(DataType.FLOAT, 6, 8)), 8);
        CollectScoresIterationListener scores = new CollectScoresIterationListener();
        try (GraphBackbone backbone = GraphBackbone.of(grids(DataType.FLOAT), gridCut());
                GraphModel model = GraphModel.sherl(
                        backbone, GraphBatch.of(pictures(DataType.FLOAT, 1, 8).get(0)), 2, GraphTask.CLASSES, 1)) {
            Trainer trainer = new Trainer(
                    TrainConfig.defaults().withEpochs(8).withPeakRate(0.01).withRateShape(RateShape.linear(0.1)),
                    new TrainingListeners(
                            8,
                            scores,
                            new ScoreIterationListener(5),
                            new PerformanceListener(5, true),
                            new TimeIterationListener(48)));
            TrainReport report = trainer.fit(
                    model, train, () -> model.evaluate(train, new Evaluation(2)).accuracy());
            assertThat(report.steps()).isEqualTo(48);
            assertThat(report.bestScore().getAsDouble()).isGreaterThan(0.9);
            assertThat(scores.getScoreVsIter().getScores()).hasSizeGreaterThan(0);
            assertThat(model.evaluate(train, new ROC()).calculateAUC()).isGreaterThan(0.9);
            assertThat(model.evaluate(train, new RegressionEvaluation(2)).averageMeanSquaredError())
                    .isLessThan(0.2);
        }
    }

    private static List<DataSet> flat(List<DataSet> batches) {
        return DataSet.merge(batches).asList();
    }

    @Test
    void theHeadAloneLearnsToo() {
        List<DataSet> data = pictures(DataType.FLOAT, 6, 8);
        ListDataSetIterator<DataSet> train = new ListDataSetIterator<>(flat(data), 8);
        try (GraphBackbone backbone = GraphBackbone.of(grids(DataType.FLOAT), gridCut());
                GraphModel model = GraphModel.headOnly(backbone, GraphBatch.of(data.get(0)), GraphTask.CLASSES, 1)) {
            TrainReport report =
                    new Trainer(TrainConfig.defaults().withEpochs(3).withPeakRate(0.05)).fit(model, train, null);
            assertThat(report.losses().get(2)).isLessThan(report.losses().get(0));
            assertThat(model.parameters().parameters()).hasSize(2);
        }
    }

    @Test
    void whatDoesNotFitIsRefused() {
        List<DataSet> data = pictures(DataType.FLOAT, 2, 4);
        GraphBatch example = GraphBatch.of(data.get(0));
        ComputationGraph graph = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .graphBuilder()
                .addInputs("input")
                .setInputTypes(InputType.convolutional(8, 8, 1))
                .addLayer("one", convolution(4, 1), "input")
                .addLayer("dense", new DenseLayer.Builder().nOut(4).build(), "one")
                .addLayer(
                        "out",
                        new OutputLayer.Builder()
                                .nOut(2)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        "dense")
                .setOutputs("out")
                .build());
        graph.init();
        try (GraphBackbone backbone =
                GraphBackbone.of(graph, GraphCut.at("dense").tapping("one"))) {
            assertThatThrownBy(() -> GraphModel.sherl(backbone, example, 2, GraphTask.CLASSES, 1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("State one must be of the kind of the cut dense, which has 2 dimensions, but it has 4");
        }
        try (GraphBackbone backbone = GraphBackbone.of(grids(DataType.FLOAT), gridCut());
                GraphModel model = GraphModel.headOnly(backbone, example, GraphTask.CLASSES, 1)) {
            ListDataSetIterator<DataSet> train = new ListDataSetIterator<>(flat(data), 4);
            assertThatThrownBy(() -> new Trainer(TrainConfig.defaults().withAccumulation(2)).fit(model, train, null))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("accumulation must be 1");
            Trainer trainer =
                    new Trainer(TrainConfig.defaults(), new TrainingListeners(4, new EvaluativeListener(train, 1)));
            assertThatThrownBy(() -> trainer.fit(model, train, null))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("listeners that look into a network cannot be used here");
        }
    }
}
