package io.github.sherl4j.adapter;

import io.github.sherl4j.TestArrays;
import io.github.sherl4j.layer.Parameter;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/** The paper's formulas written down for one position after the other, with the parameters of an adapter. */
final class SlowAdapter {
    private final AdapterOptions options;
    private final Map<String, double[]> parameters = new HashMap<>();

    /** The layer weights and redundancies of the last position. */
    double[] weights = {};

    double[] redundancies = {};

    SlowAdapter(SherlAdapter adapter) {
        options = adapter.options();
        for (Parameter parameter : adapter.parameters()) {
            parameters.put(parameter.name(), TestArrays.numbers(parameter.value()));
        }
    }

    /** The result at one position, from the tapped states there, the guide last. */
    double[] at(double[][] states) {
        int shallow = states.length - 1;
        double[][] reduced = new double[states.length][];
        for (int i = 0; i < states.length; i++) {
            String name = "adapter.reduction." + i;
            reduced[i] = norm(name + ".norm", linear(name + ".linear", states[i]), options.reductionEps());
        }
        double[] guide = reduced[shallow];
        double[] consolidated = guide.clone();
        redundancies = new double[shallow];
        weights = new double[shallow];
        double sum = 0;
        for (int i = 0; i < shallow; i++) {
            for (int j = 0; j < shallow; j++) {
                redundancies[i] += Math.max(0, dot(unit(reduced[i]), unit(reduced[j])));
            }
            double[] guided = new double[guide.length];
            for (int d = 0; d < guide.length; d++) {
                guided[d] = reduced[i][d] * guide[d];
            }
            double score = Math.max(0, linear("adapter.attention", guided)[0]);
            weights[i] = redundancies[i] == 0 ? 0 : score / redundancies[i];
            sum += weights[i];
        }
        for (int i = 0; i < shallow; i++) {
            weights[i] /= sum + options.normEps();
            for (int d = 0; d < guide.length; d++) {
                consolidated[d] += weights[i] * reduced[i][d];
            }
        }
        double[] active = TestArrays.each(consolidated, x -> Math.max(x, 0));
        double[] result =
                norm("adapter.expansion.norm", linear("adapter.expansion.linear", active), options.expansionEps());
        double openness = Math.tanh(parameter("adapter.gate")[0] / options.gateTemperature());
        for (int d = 0; d < result.length; d++) {
            result[d] += openness * states[shallow][d];
        }
        return result;
    }

    private double[] unit(double[] x) {
        double length = Math.sqrt(dot(x, x)) + options.normEps();
        return TestArrays.each(x, number -> number / length);
    }

    private double[] linear(String name, double[] x) {
        double[] weight = parameter(name + ".weight");
        double[] result = parameter(name + ".bias").clone();
        for (int i = 0; i < result.length; i++) {
            for (int j = 0; j < x.length; j++) {
                result[i] += weight[i * x.length + j] * x[j];
            }
        }
        return result;
    }

    private double[] norm(String name, double[] x, double eps) {
        double[] scale = parameter(name + ".weight");
        double[] shift = parameter(name + ".bias");
        double mean = 0;
        double variance = 0;
        for (double number : x) {
            mean += number / x.length;
        }
        for (double number : x) {
            variance += (number - mean) * (number - mean) / x.length;
        }
        double[] result = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            result[i] = (x[i] - mean) / Math.sqrt(variance + eps) * scale[i] + shift[i];
        }
        return result;
    }

    private static double dot(double[] x, double[] y) {
        double sum = 0;
        for (int i = 0; i < x.length; i++) {
            sum += x[i] * y[i];
        }
        return sum;
    }

    private double[] parameter(String name) {
        return Objects.requireNonNull(parameters.get(name), name);
    }
}
