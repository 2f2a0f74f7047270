package io.github.sherl4j.examples;

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
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.learning.config.IUpdater;

/**
 * ResNet-50 with the layers and names of Deeplearning4j's model zoo, but a global average pool at the end, so that it takes
 * pictures of any size.
 */
final class ResNetGraph {
    private static final int[] BLOCKS = {3, 4, 6, 3};
    private static final int FIRST_STAGE = 2;
    private static final int STEM_CHANNELS = 64;
    private static final int EXPANSION = 4;

    private final ComputationGraphConfiguration.GraphBuilder graph;

    private ResNetGraph(ComputationGraphConfiguration.GraphBuilder graph) {
        this.graph = graph;
    }

    /** A network with random weights for square pictures [batch, 3, size, size]. */
    static ComputationGraph create(int size, int classes, IUpdater updater, long seed) {
        ComputationGraphConfiguration.GraphBuilder builder = new NeuralNetConfiguration.Builder()
                .seed(seed)
                .activation(Activation.IDENTITY)
                .weightInit(WeightInit.RELU)
                .updater(updater)
                .convolutionMode(ConvolutionMode.Truncate)
                .graphBuilder()
                .addInputs("input")
                .setInputTypes(InputType.convolutional(size, size, 3));
        new ResNetGraph(builder).addLayers(classes);
        ComputationGraph network = new ComputationGraph(builder.build());
        network.init();
        return network;
    }

    private void addLayers(int classes) {
        graph.addLayer("stem-zero", new ZeroPaddingLayer.Builder(3, 3).build(), "input")
                .addLayer("stem-cnn1", convolution(7, 2, STEM_CHANNELS), "stem-zero")
                .addLayer("stem-batch1", new BatchNormalization(), "stem-cnn1")
                .addLayer("stem-act1", new ActivationLayer(Activation.RELU), "stem-batch1")
                .addLayer(
                        "stem-maxpool1",
                        new SubsamplingLayer.Builder(
                                        SubsamplingLayer.PoolingType.MAX, new int[] {3, 3}, new int[] {2, 2})
                                .build(),
                        "stem-act1");
        String state = "stem-maxpool1";
        for (int stage = 0; stage < BLOCKS.length; stage++) {
            for (int block = 0; block < BLOCKS[stage]; block++) {
                state = addBlock(stage + FIRST_STAGE, block, STEM_CHANNELS << stage, state);
            }
        }
        graph.addLayer("avgpool", new GlobalPoolingLayer(PoolingType.AVG), state)
                .addLayer(
                        "output",
                        new OutputLayer.Builder()
                                .nOut(classes)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        "avgpool")
                .setOutputs("output");
    }

    private String addBlock(int stage, int block, int channels, String input) {
        String name = stage + String.valueOf((char) ('a' + block)) + "_branch";
        int stride = block == 0 ? 2 : 1;
        String shortcut = input;
        graph.addLayer("res" + name + "2a", convolution(1, stride, channels), input);
        addNorm(name + "2a", true);
        graph.addLayer(
                "res" + name + "2b",
                new ConvolutionLayer.Builder(3, 3)
                        .nOut(channels)
                        .convolutionMode(ConvolutionMode.Same)
                        .build(),
                "act" + name + "2a");
        addNorm(name + "2b", true);
        graph.addLayer("res" + name + "2c", convolution(1, 1, EXPANSION * channels), "act" + name + "2b");
        addNorm(name + "2c", false);
        if (block == 0) {
            graph.addLayer("res" + name + "1", convolution(1, stride, EXPANSION * channels), input);
            addNorm(name + "1", false);
            shortcut = "bn" + name + "1";
        }
        graph.addVertex("short" + name, new ElementWiseVertex(ElementWiseVertex.Op.Add), "bn" + name + "2c", shortcut)
                .addLayer("res" + name, new ActivationLayer(Activation.RELU), "short" + name);
        return "res" + name;
    }

    private void addNorm(String name, boolean relu) {
        graph.addLayer("bn" + name, new BatchNormalization(), "res" + name);
        if (relu) {
            graph.addLayer("act" + name, new ActivationLayer(Activation.RELU), "bn" + name);
        }
    }

    private static ConvolutionLayer convolution(int kernel, int stride, int channels) {
        return new ConvolutionLayer.Builder(kernel, kernel)
                .stride(stride, stride)
                .nOut(channels)
                .build();
    }
}
