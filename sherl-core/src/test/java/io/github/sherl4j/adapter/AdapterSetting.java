package io.github.sherl4j.adapter;

import io.github.sherl4j.CentralDifferences;
import io.github.sherl4j.TestArrays;
import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.layer.ParameterGroups;
import io.github.sherl4j.nd.Memory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** An adapter in a memory of its own, all its parameters random and trainable, with states and a cotangent. */
final class AdapterSetting implements AutoCloseable {
    final Memory memory;
    final SherlAdapter adapter;
    final List<INDArray> states = new ArrayList<>();
    final INDArray result;
    final double[] cotangent;
    final ParameterGroups groups;
    OptionalLong seed = OptionalLong.empty();

    AdapterSetting(DataType type, int taps, int batch, int tokens, int width, AdapterOptions options) {
        memory = new Memory(type);
        adapter = new SherlAdapter(options, taps, width, type, 1);
        int draw = 0;
        for (Parameter parameter : adapter.parameters()) {
            int length = (int) parameter.value().length();
            TestArrays.set(parameter.value(), TestArrays.normal(length, ++draw));
        }
        TestArrays.fill(parameter("adapter.gate").value(), 0.03);
        groups = new ParameterGroups(adapter.parameters());
        for (int i = 0; i < taps; i++) {
            states.add(TestArrays.normal(type, 100 + i, batch, tokens, width));
        }
        result = TestArrays.blank(type, batch, tokens, width);
        cotangent = TestArrays.normal((int) result.length(), 200);
    }

    Parameter parameter(String name) {
        return adapter.parameters().stream()
                .filter(parameter -> parameter.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    SherlAdapter.Kept forward() {
        memory.reset();
        return adapter.forward(states, new Context(memory, null, null, seed), result);
    }

    double[] output() {
        forward();
        return TestArrays.numbers(result);
    }

    double[] inferred() {
        memory.reset();
        TestArrays.fill(result, Double.NaN);
        adapter.infer(states, Context.of(memory), result);
        return TestArrays.numbers(result);
    }

    /** Adds the parameters' gradients, and returns those of the states. */
    List<INDArray> backward() {
        List<INDArray> gradients = new ArrayList<>();
        for (INDArray state : states) {
            gradients.add(TestArrays.blank(state.dataType(), state.shape()));
        }
        forward().backward(TestArrays.of(memory.type(), cotangent, result.shape()), gradients);
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
        memory.close();
    }
}
