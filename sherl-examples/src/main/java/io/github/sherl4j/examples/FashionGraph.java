package io.github.sherl4j.examples;

import io.github.sherl4j.backbone.dl4j.GraphCut;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** A small residual network of Deeplearning4j for grey pictures: four blocks, of which the last follows SHERL's cut. */
final class FashionGraph {
    /** Before the last block; the adapter also reads the states before. */
    static final GraphCut CUT = GraphCut.at("block3").tapping("block1", "block2");

    static final String OUTPUT = "output";
    static final String POOL = "pool";

    private static final int[] CHANNELS = {16, 32, 64, 128};

    private final ComputationGraphConfiguration.GraphBuilder graph;

    private FashionGraph(ComputationGraphConfiguration.GraphBuilder graph) {
        this.graph = graph;
    }

    /** A network with random weights for square pictures [batch, 1, side, side]. */
    static ComputationGraph create(int side, IUpdater updater, long seed) {
        ComputationGraphConfiguration.GraphBuilder builder = new NeuralNetConfiguration.Builder()
                .seed(seed)
                .activation(Activation.IDENTITY)
                .weightInit(WeightInit.RELU)
                .updater(updater)
                .convolutionMode(ConvolutionMode.Same)
                .graphBuilder()
                .addInputs("input")
                .setInputTypes(InputType.convolutional(side, side, 1));
        new FashionGraph(builder).addLayers();
        ComputationGraph network = new ComputationGraph(builder.build());
        network.init();
        return network;
    }

    /** A new output layer. */
    static OutputLayer output() {
        return new OutputLayer.Builder(LossFunction.MCXENT)
                .nIn(CHANNELS[CHANNELS.length - 1])
                .nOut(FashionData.CLASSES)
                .activation(Activation.SOFTMAX)
                .weightInit(WeightInit.XAVIER)
                .build();
    }

    private void addLayers() {
        String state = addNormed("stem", 3, 1, CHANNELS[0], "input");
        state = addRelu("stem-relu", state);
        for (int i = 0; i < CHANNELS.length; i++) {
            state = addBlock("block" + (i + 1), i == 0 ? 1 : 2, CHANNELS[i], state);
        }
        graph.addLayer(POOL, new GlobalPoolingLayer(PoolingType.AVG), state)
                .addLayer(OUTPUT, output(), POOL)
                .setOutputs(OUTPUT);
    }

    private String addBlock(String name, int stride, int channels, String input) {
        String inner = addRelu(name + "-relu", addNormed(name + "-a", 3, stride, channels, input));
        String outer = addNormed(name + "-b", 3, 1, channels, inner);
        String shortcut = stride == 1 ? input : addNormed(name + "-shortcut", 1, stride, channels, input);
        graph.addVertex(name + "-sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), outer, shortcut);
        return addRelu(name, name + "-sum");
    }

    private String addNormed(String name, int kernel, int stride, int channels, String input) {
        ConvolutionLayer convolution = new ConvolutionLayer.Builder(kernel, kernel)
                .stride(stride, stride)
                .nOut(channels)
                .hasBias(false)
                .build();
        graph.addLayer(name, convolution, input).addLayer(name + "-norm", new BatchNormalization(), name);
        return name + "-norm";
    }

    private String addRelu(String name, String input) {
        graph.addLayer(name, new ActivationLayer(Activation.RELU), input);
        return name;
    }
}
