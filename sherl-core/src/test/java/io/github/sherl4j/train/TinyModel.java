package io.github.sherl4j.train;

import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.layer.ParameterGroups;
import io.github.sherl4j.route.Model;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Linear regression: loss = mean of (w x + b - y)^2 / 2, with dropout of inputs; allocates nothing native in a step. */
final class TinyModel implements Model<TinyData.Batch> {
    final Parameter weight;
    final Parameter bias;
    final List<Double> partWeights = new ArrayList<>();
    final List<Long> seeds = new ArrayList<>();
    private final ParameterGroups groups;
    private final double dropout;

    TinyModel(int width, double dropout) {
        this.weight = Parameter.weight("weight", Nd4j.create(DataType.DOUBLE, width));
        this.bias = Parameter.unregularized("bias", Nd4j.create(DataType.DOUBLE, 1));
        this.groups = new ParameterGroups(List.of(weight, bias));
        this.dropout = dropout;
    }

    @Override
    public ParameterGroups parameters() {
        return groups;
    }

    @Override
    public double accumulate(TinyData.Batch batch, double factor, long seed) {
        if (batch.closed) {
            throw new IllegalStateException("the batch is closed");
        }
        partWeights.add(factor);
        seeds.add(seed);
        SplittableRandom random = new SplittableRandom(seed);
        int size = batch.targets.length;
        double loss = 0;
        for (int n = 0; n < size; n++) {
            double[] x = batch.inputs[n].clone();
            double error = bias.value().getDouble(0) - batch.targets[n];
            for (int i = 0; i < x.length; i++) {
                x[i] = random.nextDouble() < dropout ? 0 : x[i] / (1 - dropout);
                error += weight.value().getDouble(i) * x[i];
            }
            loss += error * error / 2 / size;
            for (int i = 0; i < x.length; i++) {
                add(weight.gradient(), i, factor * error * x[i] / size);
            }
            add(bias.gradient(), 0, factor * error / size);
        }
        return loss;
    }

    /** Weights, then the bias. */
    double[] values() {
        double[] values = new double[(int) weight.value().length() + 1];
        for (int i = 0; i < values.length - 1; i++) {
            values[i] = weight.value().getDouble(i);
        }
        values[values.length - 1] = bias.value().getDouble(0);
        return values;
    }

    @Override
    public long workingBytes() {
        return 0;
    }

    @Override
    public void close() {
        groups.close();
    }

    private static void add(INDArray array, int index, double number) {
        array.putScalar(index, array.getDouble(index) + number);
    }
}
