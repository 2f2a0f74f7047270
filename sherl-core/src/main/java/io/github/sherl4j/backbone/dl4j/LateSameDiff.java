package io.github.sherl4j.backbone.dl4j;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.nd4j.autodiff.functions.DifferentialFunction;
import org.nd4j.autodiff.listeners.At;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.autodiff.samediff.VariableType;
import org.nd4j.autodiff.samediff.internal.InferenceSession;
import org.nd4j.autodiff.samediff.internal.SameDiffOp;
import org.nd4j.autodiff.samediff.internal.Variable;
import org.nd4j.autodiff.samediff.serde.FlatBuffersMapper;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The operations behind a cut as a graph of their own, in which the cut is a variable and all weights, the user's own arrays,
 * are constants. Its loss is the sum of the output times a given array, so that the gradient of the cut is what a backward
 * pass of that array gives. For one thread at a time.
 */
final class LateSameDiff {
    private static final String GIVEN = "sherl_grad_output";
    private static final String LOSS = "sherl_loss";

    private final SameDiff graph = SameDiff.create();
    private final String cut;
    private final String output;

    /**
     * Copies operations, not weights.
     *
     * @param late the operations behind the cut, in the order of the graph
     * @param side placeholders and results of early operations that late ones read
     */
    LateSameDiff(SameDiff whole, List<SameDiffOp> late, Set<String> side, String cut, String output) {
        this.cut = cut;
        this.output = output;
        DataType type = whole.getVariable(cut).dataType();
        graph.var(cut, Nd4j.createUninitialized(type, 1));
        for (SameDiffOp op : late) {
            for (String input : op.getInputsToOp()) {
                addInput(whole.getVariable(input), side);
            }
            addOperation(whole, op);
        }
        SDVariable given = graph.placeHolder(GIVEN, type);
        graph.getVariable(output).mul(given).sum(LOSS);
        graph.setLossVariables(LOSS);
        graph.createGradFunction(cut);
    }

    private void addInput(SDVariable input, Set<String> side) {
        String name = input.name();
        if (graph.hasVariable(name)) {
            return;
        }
        if (side.contains(name)) {
            graph.placeHolder(name, input.dataType());
        } else {
            graph.constant(name, input.getArr());
        }
    }

    private void addOperation(SameDiff whole, SameDiffOp op) {
        String name = op.getName();
        DifferentialFunction copy = FlatBuffersMapper.cloneViaSerialize(whole, op.getOp());
        copy.setSameDiff(graph);
        copy.setOwnName(name);
        graph.getOps()
                .put(
                        name,
                        SameDiffOp.builder()
                                .name(name)
                                .op(copy)
                                .inputsToOp(new ArrayList<>(op.getInputsToOp()))
                                .outputsOfOp(new ArrayList<>(op.getOutputsOfOp()))
                                .build());
        copy.configureWithSameDiff(graph);
        for (String input : op.getInputsToOp()) {
            Variable variable = Objects.requireNonNull(graph.getVariables().get(input));
            if (variable.getInputsForOp() == null) {
                variable.setInputsForOp(new ArrayList<>());
            }
            if (!variable.getInputsForOp().contains(name)) {
                variable.getInputsForOp().add(name);
            }
        }
        for (String result : op.getOutputsOfOp()) {
            SDVariable variable = new SDVariable(
                    result,
                    VariableType.ARRAY,
                    graph,
                    null,
                    whole.getVariable(result).dataType());
            graph.getVariables()
                    .put(
                            result,
                            Variable.builder()
                                    .name(result)
                                    .variable(variable)
                                    .outputOfOp(name)
                                    .build());
        }
    }

    /** The output for a state of the cut; a new array. */
    INDArray output(INDArray state, Map<String, INDArray> side) {
        graph.setArrayForVariable(cut, state);
        return run(graph, side, output);
    }

    /** The gradient of the cut; a new array. Computes the forward pass again, whose results nobody kept. */
    INDArray gradient(INDArray state, Map<String, INDArray> side, INDArray gradOutput) {
        graph.setArrayForVariable(cut, state);
        SameDiff backward = graph.getFunction("grad");
        backward.setArrayForVariable(cut, state);
        Map<String, INDArray> inputs = new HashMap<>(side);
        inputs.put(GIVEN, gradOutput);
        return run(backward, inputs, graph.getVariable(cut).getGradient().name());
    }

    static INDArray run(SameDiff graph, Map<String, INDArray> inputs, String name) {
        return Objects.requireNonNull(run(graph, inputs, List.of(name)).get(name));
    }

    /** Runs what the names depend on, in inference. */
    static Map<String, INDArray> run(SameDiff graph, Map<String, INDArray> inputs, List<String> names) {
        InferenceSession session = SameDiff.getInferenceFactory().create(graph);
        session.setMmgr(new ClosingMemory());
        return session.output(names, inputs, null, List.of(), List.of(), At.defaultAt());
    }
}
