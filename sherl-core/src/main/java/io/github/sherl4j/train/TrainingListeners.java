package io.github.sherl4j.train;

import java.util.List;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Tells Deeplearning4j's own listeners how a training goes. They get a graph that knows score, counters and batch size and
 * has no layers: listeners of score, performance and time work, those that look into a network do not.
 */
public final class TrainingListeners implements TrainListener {
    private final List<TrainingListener> listeners;
    private final ReportedGraph graph;
    private int epoch;

    /**
     * A bridge.
     *
     * @param batchSize examples in a batch, for listeners that count them
     */
    public TrainingListeners(int batchSize, TrainingListener... listeners) {
        this.listeners = List.of(listeners);
        this.graph = new ReportedGraph(batchSize);
    }

    @Override
    public void onStep(StepReport report) {
        if (report.epoch() != epoch) {
            epoch = report.epoch();
            listeners.forEach(listener -> listener.onEpochStart(graph));
        }
        graph.report(report);
        for (TrainingListener listener : listeners) {
            try {
                listener.iterationDone(graph, report.step() - 1, report.epoch() - 1);
            } catch (RuntimeException e) {
                throw new IllegalStateException(
                        "Listener %s failed; listeners that look into a network cannot be used here"
                                .formatted(listener.getClass().getName()),
                        e);
            }
        }
    }

    @Override
    public void onEpoch(EpochReport report) {
        listeners.forEach(listener -> listener.onEpochEnd(graph));
    }

    /** A graph without layers. */
    private static final class ReportedGraph extends ComputationGraph {
        private static final long serialVersionUID = 1;

        private final transient INDArray examples;
        private double loss;
        private int iterations;
        private int epochs;

        ReportedGraph(int batchSize) {
            super(withoutLayers());
            examples = Nd4j.createUninitialized(DataType.FLOAT, batchSize, 1);
        }

        private static ComputationGraphConfiguration withoutLayers() {
            ComputationGraphConfiguration configuration = new ComputationGraphConfiguration();
            configuration.setNetworkInputs(List.of("input"));
            configuration.setNetworkOutputs(List.of("input"));
            return configuration;
        }

        void report(StepReport report) {
            loss = report.loss();
            iterations = report.step();
            epochs = report.epoch() - 1;
        }

        @Override
        public double score() {
            return loss;
        }

        @Override
        public INDArray[] getInputs() {
            return new INDArray[] {examples};
        }

        @Override
        public INDArray input() {
            return examples;
        }

        @Override
        public int batchSize() {
            return (int) examples.size(0);
        }

        @Override
        public int getIterationCount() {
            return iterations;
        }

        @Override
        public int getEpochCount() {
            return epochs;
        }

        @Override
        public long getLastEtlTime() {
            return 0;
        }
    }
}
