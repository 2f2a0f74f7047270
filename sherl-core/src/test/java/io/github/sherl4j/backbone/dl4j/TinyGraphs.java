package io.github.sherl4j.backbone.dl4j;

import io.github.sherl4j.TestArrays;
import java.util.Map;
import java.util.function.Function;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.Sgd;

/** Small networks in double precision whose weights are all different from each other and from zero. */
final class TinyGraphs {
    private TinyGraphs() {}

    /** Adds layers and vertices behind a state. */
    @FunctionalInterface
    interface Wiring {
        void wire(ComputationGraphConfiguration.GraphBuilder builder, String from);
    }

    static ComputationGraph graph(
            InputType input, Function<ComputationGraphConfiguration.GraphBuilder, String> wiring) {
        ComputationGraphConfiguration.GraphBuilder builder = new NeuralNetConfiguration.Builder()
                .seed(3)
                .dataType(DataType.DOUBLE)
                .weightInit(WeightInit.XAVIER)
                .updater(new Sgd(0.1))
                .graphBuilder()
                .addInputs("input")
                .setInputTypes(input);
        String output = wiring.apply(builder);
        ComputationGraph graph = new ComputationGraph(builder.setOutputs(output).build());
        graph.init();
        stir(graph.paramTable());
        return graph;
    }

    /** Biases, norms and running statistics do not keep their trivial values; variances stay positive. */
    static void stir(Map<String, INDArray> weights) {
        int seed = 100;
        for (Map.Entry<String, INDArray> weight : weights.entrySet()) {
            INDArray noise = TestArrays.normal(
                            DataType.DOUBLE, seed++, weight.getValue().shape())
                    .muli(0.3);
            if (weight.getKey().endsWith("_var")) {
                weight.getValue().assign(noise.mul(noise).add(0.5));
            } else {
                weight.getValue().addi(noise);
            }
        }
    }

    static INDArray features(InputType input, int batch, long seed) {
        return TestArrays.normal(DataType.DOUBLE, seed, shape(input, batch));
    }

    private static long[] shape(InputType input, int batch) {
        long[] shape = input.getShape(true);
        shape[0] = batch;
        return shape;
    }
}
