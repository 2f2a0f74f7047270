package io.github.sherl4j.examples;

import io.github.sherl4j.backbone.dl4j.GraphBackbone;
import io.github.sherl4j.data.GraphBatch;
import io.github.sherl4j.nd.Rng;
import io.github.sherl4j.route.GraphModel;
import io.github.sherl4j.route.GraphTask;
import io.github.sherl4j.train.OptimizerConfig;
import io.github.sherl4j.train.RateShape;
import io.github.sherl4j.train.TrainConfig;
import io.github.sherl4j.train.Trainer;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.deeplearning4j.nn.transferlearning.TransferLearning;
import org.jspecify.annotations.Nullable;
import org.nd4j.evaluation.classification.Evaluation;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.learning.config.Adam;

/**
 * Adapts one network by several methods, on the same batches in the same order and with Adam at rates of the same shape.
 *
 * @param network trained on the old classes; not changed
 * @param train batches of the new classes
 * @param test batches of the new classes
 */
record GraphExperiment(
        ComputationGraph network, List<DataSet> train, List<DataSet> test, int epochs, long seed, PrintWriter err) {
    private static final RateShape SHAPE = RateShape.linear(0.1);
    private static final int WARM_UP_STEPS = 3;
    private static final double REDUCTION = 2;
    private static final double PRETRAIN_RATE = 2e-3;
    private static final long NETWORK_USE = 1;

    /** A network that knows the old classes. */
    static ComputationGraph pretrained(int side, List<DataSet> batches, int epochs, long seed, PrintWriter err) {
        Adam updater = new Adam(SHAPE.over(PRETRAIN_RATE, batches.size(), epochs * batches.size()));
        ComputationGraph network = FashionGraph.create(side, updater, nativeSeed(seed));
        fit("pretraining", network, batches, epochs, new StepMeter(0), err);
        return network;
    }

    /** Another seed, since ND4J takes 0 for the time of day. */
    private static long nativeSeed(long seed) {
        return Rng.derive(seed, NETWORK_USE);
    }

    /** Share of the pictures whose class a network finds. */
    static double accuracy(ComputationGraph network, List<DataSet> batches) {
        Evaluation evaluation = new Evaluation(FashionData.CLASSES);
        for (DataSet batch : batches) {
            evaluation.eval(batch.getLabels(), network.outputSingle(false, batch.getFeatures()));
        }
        return evaluation.accuracy();
    }

    /**
     * Adapts the network.
     *
     * @param export where SHERL's model is written as one graph; null for nowhere
     */
    AccuracyResult run(GraphMethod method, double rate, @Nullable Path export) throws IOException {
        return switch (method) {
            case HEAD, SHERL -> ours(method, rate, export);
            case FROZEN, FULL -> deeplearning4j(method, rate);
        };
    }

    private AccuracyResult ours(GraphMethod method, double rate, @Nullable Path export) throws IOException {
        GraphBatch example = GraphBatch.of(train.get(0));
        StepMeter meter = new StepMeter(WARM_UP_STEPS);
        try (GraphBackbone backbone = GraphBackbone.of(network, FashionGraph.CUT);
                GraphModel model = method == GraphMethod.SHERL
                        ? GraphModel.sherl(backbone, example, REDUCTION, GraphTask.CLASSES, seed)
                        : GraphModel.headOnly(backbone, example, GraphTask.CLASSES, seed);
                ProgressListener progress = new ProgressListener(method.toString(), err)) {
            TrainConfig config = TrainConfig.defaults()
                    .withEpochs(epochs)
                    .withOptimizer(OptimizerConfig.adamW(0), rate)
                    .withRateShape(SHAPE)
                    .withClipNorm(0)
                    .withKeepBest(false)
                    .withSeed(seed);
            new Trainer(config, meter, progress).fit(model, FashionData.iterator(train), null);
            long trainable = model.parameters().count();
            long weights = trainable * Float.BYTES;
            AccuracyResult result = new AccuracyResult(
                    method.toString(),
                    model.evaluate(FashionData.iterator(test), new Evaluation(FashionData.CLASSES))
                            .accuracy(),
                    trainable,
                    meter.medianSeconds(),
                    meter.peakMb(weights),
                    meter.residentPeakMb(weights));
            if (export != null && method == GraphMethod.SHERL) {
                export(model, export);
            }
            return result;
        }
    }

    private void export(GraphModel model, Path file) throws IOException {
        ComputationGraph graph = model.export(network);
        try {
            graph.save(file.toFile());
        } finally {
            graph.close();
        }
    }

    private AccuracyResult deeplearning4j(GraphMethod method, double rate) {
        Adam updater = new Adam(SHAPE.over(rate, train.size(), epochs * train.size()));
        TransferLearning.GraphBuilder builder = new TransferLearning.GraphBuilder(network)
                .fineTuneConfiguration(new FineTuneConfiguration.Builder()
                        .updater(updater)
                        .seed(nativeSeed(seed))
                        .build());
        if (method == GraphMethod.FROZEN) {
            builder.setFeatureExtractor(FashionGraph.CUT.cut());
        }
        ComputationGraph tuned = builder.removeVertexAndConnections(FashionGraph.OUTPUT)
                .addLayer(FashionGraph.OUTPUT, FashionGraph.output(), FashionGraph.POOL)
                .setOutputs(FashionGraph.OUTPUT)
                .build();
        // The schedule counts iterations from here on, not those of the network that the copy was made of.
        tuned.getConfiguration().setIterationCount(0);
        try {
            StepMeter meter = new StepMeter(WARM_UP_STEPS);
            fit(method.toString(), tuned, train, epochs, meter, err);
            return new AccuracyResult(
                    method.toString(),
                    accuracy(tuned, test),
                    trainable(tuned),
                    meter.medianSeconds(),
                    meter.peakMb(0),
                    meter.residentPeakMb(0));
        } finally {
            tuned.close();
        }
    }

    private static void fit(
            String name,
            ComputationGraph network,
            List<DataSet> batches,
            int epochs,
            StepMeter meter,
            PrintWriter err) {
        for (int epoch = 1; epoch <= epochs; epoch++) {
            for (DataSet batch : batches) {
                meter.time(() -> network.fit(batch));
            }
            err.printf(Locale.ROOT, "%s: epoch %d of %d, loss %.4f%n", name, epoch, epochs, network.score());
        }
    }

    /** Parameters of layers that are not frozen. */
    private static long trainable(ComputationGraph network) {
        long count = 0;
        for (org.deeplearning4j.nn.api.Layer layer : network.getLayers()) {
            count += layer instanceof org.deeplearning4j.nn.layers.FrozenLayer ? 0 : layer.numParams();
        }
        return count;
    }
}
