package io.github.sherl4j.backbone.dl4j;

import io.github.sherl4j.nd.ChannelsFirst;
import io.github.sherl4j.nd.Check;
import org.deeplearning4j.nn.layers.normalization.BatchNormalization;
import org.deeplearning4j.nn.params.BatchNormalizationParamInitializer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * A batch norm on its running statistics, as a frozen one should be: a scale and a shift for each channel. Deeplearning4j's
 * own backward pass differentiates through the statistics of the batch, and so does not fit to its inference.
 */
final class BatchNormNode extends LayerNode {
    private final double eps;
    private final INDArray mean;
    private final INDArray variance;
    private final INDArray scale;
    private final INDArray shift;
    private final INDArray zeros;
    private final INDArray ones;
    private final INDArray slope;

    BatchNormNode(String name, String input, BatchNormalization layer) {
        super(name, input, layer);
        org.deeplearning4j.nn.conf.layers.BatchNormalization configuration = layer.layerConf();
        eps = configuration.getEps();
        mean = vector(layer.getParam(BatchNormalizationParamInitializer.GLOBAL_MEAN));
        if (configuration.isUseLogStd()) {
            INDArray logDeviation = layer.getParam(BatchNormalizationParamInitializer.GLOBAL_LOG_STD);
            variance = vector(Transforms.exp(logDeviation.mul(2 * Math.log(10)), false));
        } else {
            variance = vector(layer.getParam(BatchNormalizationParamInitializer.GLOBAL_VAR));
        }
        zeros = mean.ulike().assign(0);
        ones = mean.ulike().assign(1);
        if (configuration.isLockGammaBeta()) {
            scale = mean.ulike().assign(configuration.getGamma());
            shift = mean.ulike().assign(configuration.getBeta());
        } else {
            scale = vector(layer.getParam(BatchNormalizationParamInitializer.GAMMA));
            shift = vector(layer.getParam(BatchNormalizationParamInitializer.BETA));
        }
        slope = scale.div(Transforms.sqrt(variance.add(eps), false));
    }

    private static INDArray vector(INDArray row) {
        return Nd4j.toFlattened(row);
    }

    @Override
    INDArray infer(Visit visit, Place place) {
        INDArray input = visit.input();
        Check.argument(
                input.rank() == 2 || input.rank() == 4,
                "Batch norm %s takes [batch, width] or [batch, channels, height, width], but got rank %s",
                name(),
                input.rank());
        INDArray result = place.array(input.shape());
        ChannelsFirst.normalize(visit.memory(), input, mean, variance, scale, shift, eps, result);
        return result;
    }

    @Override
    boolean keepsInputs() {
        return false;
    }

    @Override
    void backward(KeptVisit kept, INDArray gradOutput, InputGradients gradients) {
        INDArray gradInput = gradients.array(0);
        ChannelsFirst.normalize(kept.memory(), gradOutput, zeros, ones, slope, zeros, 0, gradInput);
        gradients.filled(0, gradInput);
    }
}
