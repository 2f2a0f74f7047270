package io.github.sherl4j.layer;

import io.github.sherl4j.nd.NativeArrays;
import io.github.sherl4j.nd.Rng;
import java.util.List;
import java.util.stream.LongStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** New layers, drawn in order from one generator. */
public final class LayerFactory {
    private final DataType type;
    private final Rng rng;
    private final Initialization initialization;

    /**
     * A factory of layers with PyTorch's default initialisation.
     *
     * @param rng used, not closed
     */
    public LayerFactory(DataType type, Rng rng) {
        this(type, rng, Initialization.FRAMEWORK);
    }

    /**
     * A factory of layers.
     *
     * @param rng used, not closed
     */
    public LayerFactory(DataType type, Rng rng, Initialization initialization) {
        this.type = type;
        this.rng = rng;
        this.initialization = initialization;
    }

    /** Weights and biases as the factory's initialisation says. */
    public Linear linear(String name, long inputs, long outputs) {
        INDArray weight = weight(inputs, outputs);
        INDArray bias = Nd4j.create(type, outputs);
        if (initialization == Initialization.FRAMEWORK || initialization == Initialization.XAVIER_UNIFORM) {
            double bound = 1 / Math.sqrt((double) inputs);
            rng.uniform(bias, -bound, bound);
        }
        return new Linear(Parameter.weight(name + ".weight", weight), Parameter.unregularized(name + ".bias", bias));
    }

    /** The same without biases. */
    public Linear projection(String name, long inputs, long outputs) {
        return new Linear(Parameter.weight(name + ".weight", weight(inputs, outputs)), null);
    }

    private INDArray weight(long inputs, long outputs) {
        INDArray weight = Nd4j.createUninitialized(type, outputs, inputs);
        double framework = 1 / Math.sqrt((double) inputs);
        double xavier = Math.sqrt(6.0 / (inputs + outputs));
        switch (initialization) {
            case FRAMEWORK -> rng.uniform(weight, -framework, framework);
            case NORMAL_002 -> rng.gaussian(weight, 0, 0.02);
            case NORMAL_001 -> rng.gaussian(weight, 0, 0.01);
            case XAVIER_UNIFORM -> rng.uniform(weight, -xavier, xavier);
        }
        return weight;
    }

    /** Scales 1, shifts 0, running means 0, running variances 1; on batch statistics. */
    public BatchNorm batchNorm(String name, long channels, double eps) {
        BatchNorm norm = new BatchNorm(
                Parameter.unregularized(name + ".weight", NativeArrays.filled(type, 1, channels)),
                Parameter.unregularized(name + ".bias", Nd4j.create(type, channels)),
                Parameter.unregularized(name + ".running_mean", Nd4j.create(type, channels)),
                Parameter.unregularized(name + ".running_var", NativeArrays.filled(type, 1, channels)),
                eps);
        norm.statistics(BatchNorm.Statistics.BATCH);
        return norm;
    }

    /** Scales 1, shifts 0. */
    public LayerNorm norm(String name, long width, double eps) {
        INDArray scale = NativeArrays.filled(type, 1, width);
        INDArray shift = Nd4j.create(type, width);
        return new LayerNorm(
                Parameter.unregularized(name + ".weight", scale), Parameter.unregularized(name + ".bias", shift), eps);
    }

    /** Weights and biases of both directions uniform in +-1/sqrt(hidden), under PyTorch's names. */
    public Gru gru(String name, long inputs, long hidden) {
        return new Gru(direction(name, "", inputs, hidden), direction(name, "_reverse", inputs, hidden));
    }

    private List<Parameter> direction(String name, String suffix, long inputs, long hidden) {
        return List.of(
                Parameter.weight(name + ".weight_ih_l0" + suffix, gates(hidden, inputs)),
                Parameter.weight(name + ".weight_hh_l0" + suffix, gates(hidden, hidden)),
                Parameter.unregularized(name + ".bias_ih_l0" + suffix, gates(hidden)),
                Parameter.unregularized(name + ".bias_hh_l0" + suffix, gates(hidden)));
    }

    private INDArray gates(long hidden, long... others) {
        double bound = 1 / Math.sqrt((double) hidden);
        INDArray array = Nd4j.createUninitialized(
                type,
                LongStream.concat(LongStream.of(3 * hidden), LongStream.of(others))
                        .toArray());
        rng.uniform(array, -bound, bound);
        return array;
    }
}
