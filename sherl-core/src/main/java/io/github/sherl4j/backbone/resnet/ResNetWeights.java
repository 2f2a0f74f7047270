package io.github.sherl4j.backbone.resnet;

import io.github.sherl4j.layer.BatchNorm;
import io.github.sherl4j.layer.Conv2d;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.nd.Ops;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiFunction;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * All arrays of a network by name: convolutions with norms, or with the norms folded into them. In inference a norm is
 * {@code (x - mean) * f + shift} with {@code f = scale / sqrt(variance + eps)}, so the same numbers come of a convolution with
 * weights {@code f W} and bias {@code shift - mean * f}, up to the rounding of the products f W.
 *
 * @param parameters in the order of the network
 * @param buffers running means and variances in the order of the network; none if folded
 */
record ResNetWeights(Map<String, Parameter> parameters, Map<String, Parameter> buffers) {
    /** Each array made by a function of its name and shape. */
    static ResNetWeights make(ResNetConfig config, BiFunction<String, long[], INDArray> array) {
        Map<String, Parameter> parameters = new LinkedHashMap<>();
        Map<String, Parameter> buffers = new LinkedHashMap<>();
        for (ConvSpec spec : ConvSpec.all(config)) {
            String weight = spec.weightName();
            parameters.put(weight, Parameter.weight(weight, array.apply(weight, spec.weightShape())));
            for (String name : List.of(spec.scaleName(), spec.shiftName())) {
                parameters.put(name, vector(name, spec, array));
            }
            for (String name : List.of(spec.meanName(), spec.varianceName())) {
                buffers.put(name, vector(name, spec, array));
            }
        }
        return new ResNetWeights(parameters, buffers);
    }

    private static Parameter vector(String name, ConvSpec spec, BiFunction<String, long[], INDArray> array) {
        return Parameter.unregularized(name, array.apply(name, new long[] {spec.out()}));
    }

    /** All arrays, as they stand in a file. */
    List<Parameter> all() {
        List<Parameter> all = new ArrayList<>(parameters.values());
        all.addAll(buffers.values());
        return all;
    }

    boolean isFolded() {
        return buffers.isEmpty();
    }

    /** A copy of these weights with the norms folded in. */
    ResNetWeights folded(ResNetConfig config) {
        Map<String, Parameter> folded = new LinkedHashMap<>();
        for (ConvSpec spec : ConvSpec.all(config)) {
            INDArray weight = parameter(spec.weightName()).value().dup('c');
            DataType type = weight.dataType();
            INDArray bias = Nd4j.createUninitialized(type, spec.out());
            try (Memory memory = new Memory(type)) {
                fold(memory, spec, config.normEps(), weight, bias);
            }
            folded.put(spec.weightName(), Parameter.weight(spec.weightName(), weight));
            folded.put(spec.biasName(), Parameter.unregularized(spec.biasName(), bias));
        }
        return new ResNetWeights(folded, Map.of());
    }

    private void fold(Memory memory, ConvSpec spec, double eps, INDArray weight, INDArray bias) {
        Ops ops = memory.ops();
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray factor = memory.scratch().array(spec.out());
            ops.add(buffer(spec.varianceName()).value(), eps, factor);
            ops.inverseSqrt(factor, factor);
            ops.multiply(factor, parameter(spec.scaleName()).value(), factor);
            ops.multiply(buffer(spec.meanName()).value(), factor, bias);
            ops.subtract(parameter(spec.shiftName()).value(), bias, bias);
            INDArray rows = memory.reshape(weight, spec.out(), weight.length() / spec.out());
            ops.multiply(rows, memory.reshape(factor, spec.out(), 1), rows);
        }
    }

    /** The layer of a convolution. */
    ConvNorm layer(ConvSpec spec, double eps, boolean relu) {
        Parameter weight = parameter(spec.weightName());
        Parameter bias = isFolded() ? parameter(spec.biasName()) : null;
        Conv2d convolution = new Conv2d(weight, bias, spec.stride(), spec.padding(), spec.groups());
        BatchNorm norm = isFolded()
                ? null
                : new BatchNorm(
                        parameter(spec.scaleName()),
                        parameter(spec.shiftName()),
                        buffer(spec.meanName()),
                        buffer(spec.varianceName()),
                        eps);
        return new ConvNorm(convolution, norm, relu);
    }

    private Parameter parameter(String name) {
        return Objects.requireNonNull(parameters.get(name), name);
    }

    private Parameter buffer(String name) {
        return Objects.requireNonNull(buffers.get(name), name);
    }

    void close() {
        all().forEach(Parameter::close);
    }
}
