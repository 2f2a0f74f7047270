package io.github.sherl4j.adapter;

import io.github.sherl4j.CentralDifferences;
import io.github.sherl4j.TestArrays;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.layer.ParameterGroups;
import io.github.sherl4j.nd.Memory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** An adapter in a memory of its own, all its parameters random and trainable, with states and a cotangent. */
final class AdapterSetting implements AutoCloseable {
    final Memory memory;
    final SherlAdapter adapter;
    final List<INDArray> states = new ArrayList<>();
    final @Nullable INDArray feature;

    @Nullable
    INDArray mask;

    @Nullable
    INDArray baseTokens;

    final INDArray result;
    final double[] cotangent;
    final ParameterGroups groups;
    OptionalLong seed = OptionalLong.empty();

    /** States of one shape, the guide among them. */
    AdapterSetting(DataType type, int taps, int batch, int tokens, int width, AdapterOptions options) {
        this(type, options, Collections.nCopies(taps, new long[] {batch, tokens, width}), 0);
    }

    /** @param featureWidth of a guide from outside, or 0 */
    AdapterSetting(DataType type, AdapterOptions options, List<long[]> shapes, int featureWidth) {
        memory = new Memory(type);
        for (int i = 0; i < shapes.size(); i++) {
            states.add(TestArrays.normal(type, 100 + i, shapes.get(i)));
        }
        feature = featureWidth == 0 ? null : TestArrays.normal(type, 99, shapes.get(0)[0], featureWidth);
        result = TestArrays.blank(type, input().anchor().shape());
        List<Long> widths = states.stream().map(state -> state.size(-1)).toList();
        adapter = new SherlAdapter(options, widths, result.size(-1), type, 1);
        int draw = 0;
        for (Parameter parameter : adapter.parameters()) {
            int length = (int) parameter.value().length();
            TestArrays.set(parameter.value(), TestArrays.normal(length, ++draw));
            if (parameter.name().endsWith("gate") || parameter.name().endsWith("gates")) { // ajar
                TestArrays.set(parameter.value(), TestArrays.each(TestArrays.normal(length, draw), x -> 0.03 * x));
            }
        }
        for (Parameter parameter : adapter.parameters()) {
            if (parameter.name().equals("adapter.gate")) {
                TestArrays.fill(parameter.value(), 0.03);
            }
        }
        groups = new ParameterGroups(adapter.parameters());
        cotangent = TestArrays.normal((int) result.length(), 200);
    }

    AdapterInput input() {
        return new AdapterInput(states, feature, mask, baseTokens);
    }

    Parameter parameter(String name) {
        return adapter.parameters().stream()
                .filter(parameter -> parameter.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    SherlAdapter.Kept forward() {
        memory.reset();
        return adapter.forward(input(), new Context(memory, null, null, seed), result);
    }

    double[] output() {
        forward();
        return TestArrays.numbers(result);
    }

    double[] inferred() {
        memory.reset();
        TestArrays.fill(result, Double.NaN);
        adapter.infer(input(), Context.of(memory), result);
        return TestArrays.numbers(result);
    }

    /** Adds the parameters' gradients, and returns those of the states and, behind them, of the feature. */
    List<INDArray> backward() {
        List<INDArray> gradients = new ArrayList<>();
        for (INDArray state : states) {
            gradients.add(TestArrays.blank(state.dataType(), state.shape()));
        }
        INDArray gradFeature = feature == null ? null : TestArrays.blank(memory.type(), feature.shape());
        forward()
                .backward(
                        TestArrays.of(memory.type(), cotangent, result.shape()),
                        input(),
                        new AdapterGradients(gradients, gradFeature));
        if (gradFeature != null) {
            gradients.add(gradFeature);
        }
        return gradients;
    }

    double loss() {
        forward();
        return CentralDifferences.weightedSum(result, cotangent);
    }

    /** The states at one position. */
    double[][] at(int position) {
        double[][] at = new double[states.size()][];
        for (int i = 0; i < at.length; i++) {
            INDArray state = states.get(i);
            int width = (int) state.size(2);
            at[i] = Arrays.copyOfRange(TestArrays.numbers(state), position * width, (position + 1) * width);
        }
        return at;
    }

    @Override
    public void close() {
        groups.close();
        adapter.close();
        memory.close();
    }
}
