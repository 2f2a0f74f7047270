package io.github.sherl4j.layer;

import io.github.sherl4j.nd.Check;
import io.github.sherl4j.nd.NativeArrays;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * All trainable parameters of a model as flat vectors, one group with and one without weight decay for each factor of the
 * learning rate, so that clipping,
 * updating and zeroing are a few large operations. Owns values and gradients; the parameters see views.
 */
public final class ParameterGroups implements AutoCloseable {
    /**
     * One flat vector of parameters.
     *
     * @param decays whether weight decay applies
     * @param rateFactor factor of the learning rate
     * @param parameters those whose values and gradients are views into it, in order
     * @param values [1, length]
     * @param gradients [1, length]
     */
    public record Group(
            boolean decays, double rateFactor, List<Parameter> parameters, INDArray values, INDArray gradients) {}

    private final Map<String, Parameter> parameters = new LinkedHashMap<>();
    private final List<Group> groups = new ArrayList<>();

    /**
     * Makes parameters trainable: their values move into flat vectors, their gradients start at zero.
     *
     * @param parameters frozen parameters of one type with distinct names
     */
    public ParameterGroups(List<Parameter> parameters) {
        this(Map.of("", parameters));
    }

    private ParameterGroups(Map<String, List<Parameter>> parts) {
        parts.forEach((prefix, members) -> members.forEach(member -> add(prefix + member.name(), member)));
        Check.argument(!parameters.isEmpty(), "parameters must not be empty");
        DataType type = parameters.values().iterator().next().value().dataType();
        parameters.forEach((name, parameter) -> {
            DataType own = parameter.value().dataType();
            Check.argument(own == type, "Parameter %s must be %s, but is %s", name, type, own);
        });
        for (boolean decays : new boolean[] {true, false}) {
            List<Parameter> members = parameters.values().stream()
                    .filter(p -> p.decays() == decays)
                    .toList();
            members.stream().mapToDouble(Parameter::rateFactor).distinct().forEach(factor -> {
                List<Parameter> alike =
                        members.stream().filter(p -> p.rateFactor() == factor).toList();
                groups.add(flatten(decays, factor, alike, type));
            });
        }
    }

    /**
     * The same for a model of several parts, in which parameters may have the same names.
     *
     * @param parts the parameters of each part by the prefix that its names get in files
     */
    public static ParameterGroups prefixed(Map<String, List<Parameter>> parts) {
        return new ParameterGroups(parts);
    }

    private void add(String name, Parameter parameter) {
        Check.argument(!parameter.trainable(), "Parameter %s is trained by another model already", name);
        Check.argument(parameters.put(name, parameter) == null, "parameters has the name %s twice", name);
    }

    /** The parameters, in the order given. */
    public List<Parameter> parameters() {
        return List.copyOf(parameters.values());
    }

    /** The parameters by their names in files, in the order given. */
    public Map<String, Parameter> named() {
        return Collections.unmodifiableMap(parameters);
    }

    /** The flat vectors: for each factor of the learning rate at most one with and one without weight decay. */
    public List<Group> groups() {
        return List.copyOf(groups);
    }

    /** Number of trainable numbers. */
    public long count() {
        return groups.stream().mapToLong(group -> group.values.length()).sum();
    }

    /** Sets all gradients to zero. */
    public void zeroGradients() {
        groups.forEach(group -> NativeArrays.fill(group.gradients, 0));
    }

    /** Frees values and gradients. */
    @Override
    public void close() {
        for (Group group : groups) {
            group.values.close();
            group.gradients.close();
        }
    }

    private static Group flatten(boolean decays, double rateFactor, List<Parameter> members, DataType type) {
        long length =
                members.stream().mapToLong(member -> member.value().length()).sum();
        INDArray values = Nd4j.createUninitialized(type, 1, length);
        INDArray gradients = Nd4j.create(type, 1, length);
        long start = 0;
        for (Parameter member : members) {
            long end = start + member.value().length();
            long[] shape = member.value().shape();
            member.moveTo(part(values, start, end, shape), part(gradients, start, end, shape));
            start = end;
        }
        return new Group(decays, rateFactor, members, values, gradients);
    }

    private static INDArray part(INDArray flat, long start, long end, long[] shape) {
        return flat.get(NDArrayIndex.point(0), NDArrayIndex.interval(start, end))
                .reshape('c', true, shape);
    }
}
