package io.github.sherl4j.backbone.dl4j;

import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.ChannelsFirst;
import io.github.sherl4j.nd.Memory;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.layers.convolution.ConvolutionLayer;
import org.deeplearning4j.nn.params.ConvolutionParamInitializer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A two-dimensional convolution with channels first. No gradients of its weights are computed. */
final class ConvolutionNode extends LayerNode {
    private final INDArray weight;
    private final INDArray swapped;
    private final @Nullable INDArray bias;
    private final ChannelsFirst.Geometry geometry;
    private final Slope slope;

    ConvolutionNode(String name, String input, ConvolutionLayer layer) {
        super(name, input, layer);
        this.weight = layer.getParam(ConvolutionParamInitializer.WEIGHT_KEY);
        this.swapped = weight.permute(1, 0, 2, 3);
        this.bias = layer.hasBias() ? layer.getParam(ConvolutionParamInitializer.BIAS_KEY) : null;
        org.deeplearning4j.nn.conf.layers.ConvolutionLayer configuration = layer.layerConf();
        this.geometry = new ChannelsFirst.Geometry(
                configuration.getKernelSize()[0],
                configuration.getKernelSize()[1],
                configuration.getStride()[0],
                configuration.getStride()[1],
                configuration.getPadding()[0],
                configuration.getPadding()[1],
                configuration.getDilation()[0],
                configuration.getDilation()[1],
                configuration.getConvolutionMode() == ConvolutionMode.Same);
        this.slope = new Slope(configuration.getActivationFn());
    }

    @Override
    INDArray infer(Visit visit, Place place) {
        INDArray input = visit.input();
        long[] size = geometry.outputSize(input.size(2), input.size(3));
        INDArray result = place.array(input.size(0), weight.size(0), size[0], size[1]);
        ChannelsFirst.convolution(visit.memory(), input, weight, bias, geometry, result);
        slope.apply(visit.memory(), result);
        return result;
    }

    @Override
    boolean keepsInputs() {
        return slope.needsArgument();
    }

    @Override
    boolean keepsResult() {
        return slope.needsResult();
    }

    @Override
    void backward(KeptVisit kept, INDArray gradOutput, InputGradients gradients) {
        Memory memory = kept.memory();
        try (Arena.Scope scope = memory.scratch().scope()) {
            if (slope.needsArgument()) {
                INDArray argument = memory.scratch().array(gradOutput.shape());
                ChannelsFirst.convolution(memory, kept.inputs().get(0), weight, bias, geometry, argument);
                slope.backward(memory, argument, gradOutput);
            } else if (slope.needsResult()) {
                slope.backward(memory, kept.keptResult(), gradOutput);
            }
        }
        INDArray gradInput = gradients.array(0);
        ChannelsFirst.convolutionInputGradient(memory, weight, swapped, gradOutput, geometry, gradInput);
        gradients.filled(0, gradInput);
    }
}
