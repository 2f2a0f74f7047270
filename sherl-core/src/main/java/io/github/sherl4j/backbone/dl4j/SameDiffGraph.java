package io.github.sherl4j.backbone.dl4j;

import io.github.sherl4j.data.GraphBatch;
import io.github.sherl4j.nd.Check;
import io.github.sherl4j.nd.Memory;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.WeakHashMap;
import org.jspecify.annotations.Nullable;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.autodiff.samediff.TrainingConfig;
import org.nd4j.autodiff.samediff.VariableType;
import org.nd4j.autodiff.samediff.internal.SameDiffOp;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A SameDiff graph cut in two. Masks are inputs like any other there. */
final class SameDiffGraph implements CutNetwork {
    private final SameDiff whole;
    private final List<String> states;
    private final String cut;
    private final String output;
    private final List<SameDiffOp> late;
    private final Set<String> side = new LinkedHashSet<>();
    private final List<String> inputs;
    private final Map<Memory, LateSameDiff> copies = Collections.synchronizedMap(new WeakHashMap<>());

    SameDiffGraph(SameDiff whole, GraphCut graphCut) {
        this.whole = whole;
        this.states = graphCut.states();
        this.cut = graphCut.cut();
        this.output = graphCut.output().orElseGet(() -> onlyOutput(whole));
        states.forEach(state -> require("tap or cut", state));
        require("output", output);
        DataType type = whole.getVariable(cut).dataType();
        Check.argument(
                type == DataType.FLOAT || type == DataType.DOUBLE, "cut must be FLOAT or DOUBLE, but is %s", type);
        Set<String> following = following();
        Set<String> leading = leadingTo(List.of(output));
        Check.argument(
                output.equals(cut) || following.contains(output), "output %s does not follow the cut %s", output, cut);
        for (String tap : graphCut.taps()) {
            Check.argument(!following.contains(tap), "tap %s follows the cut %s, so it cannot be tapped", tap, cut);
        }
        late = output.equals(cut)
                ? List.of()
                : whole.getOps().values().stream()
                        .filter(op -> op.getOutputsOfOp().stream()
                                .anyMatch(name -> following.contains(name) && leading.contains(name)))
                        .toList();
        refuse();
        for (SameDiffOp op : late) {
            for (String input : op.getInputsToOp()) {
                boolean weight = whole.getVariable(input).isConstant()
                        || whole.getVariable(input).getVariableType() == VariableType.VARIABLE;
                if (!following.contains(input) && !input.equals(cut) && !weight) {
                    side.add(input);
                }
            }
        }
        List<String> needed = new ArrayList<>(states);
        needed.addAll(side);
        Set<String> before = leadingTo(needed);
        inputs = inputsIn(before, whole);
    }

    /** The features that a training configuration names, or else placeholders as operations come to them. */
    private static List<String> inputsIn(Set<String> needed, SameDiff whole) {
        Set<String> ordered = new LinkedHashSet<>();
        TrainingConfig training = whole.getTrainingConfig();
        if (training != null && training.getDataSetFeatureMapping() != null) {
            ordered.addAll(training.getDataSetFeatureMapping());
        }
        whole.getOps().values().forEach(op -> ordered.addAll(inputsOf(op)));
        ordered.addAll(whole.inputs());
        return ordered.stream()
                .filter(name -> needed.contains(name) && whole.isPlaceHolder(name))
                .toList();
    }

    private static String onlyOutput(SameDiff whole) {
        List<String> outputs = whole.outputs();
        Check.argument(
                outputs != null && outputs.size() == 1,
                "output must be named, since the graph does not have exactly one, but %s",
                outputs);
        return outputs.get(0);
    }

    private void require(String role, String name) {
        Check.argument(
                whole.hasVariable(name), "%s must be a variable of the graph, but it has none named %s", role, name);
    }

    private void refuse() {
        List<String> refused = new ArrayList<>();
        for (SameDiffOp op : late) {
            String reason = SameDiffOps.refusal(op.getOp());
            if (reason != null) {
                refused.add("%s (%s): %s".formatted(op.getName(), op.getOp().opName(), reason));
            }
        }
        Check.argument(refused.isEmpty(), "No gradient can be sent back to the cut %s through %s", cut, refused);
    }

    private Set<String> following() {
        Set<String> found = new HashSet<>();
        for (SameDiffOp op : whole.getOps().values()) {
            List<String> read = inputsOf(op);
            if (read.stream().anyMatch(input -> input.equals(cut) || found.contains(input))) {
                found.addAll(op.getOutputsOfOp());
            }
        }
        return found;
    }

    private static List<String> inputsOf(SameDiffOp op) {
        return op.getInputsToOp() == null ? List.of() : op.getInputsToOp();
    }

    private Set<String> leadingTo(List<String> names) {
        Set<String> found = new HashSet<>(names);
        List<SameDiffOp> ops = new ArrayList<>(whole.getOps().values());
        Collections.reverse(ops);
        for (SameDiffOp op : ops) {
            if (op.getOutputsOfOp().stream().anyMatch(found::contains)) {
                found.addAll(inputsOf(op));
            }
        }
        return found;
    }

    /** Weights by name, the user's own arrays. */
    Map<String, INDArray> weights() {
        Map<String, INDArray> weights = new LinkedHashMap<>();
        for (SDVariable variable : whole.variables()) {
            boolean weight = variable.isConstant() || variable.getVariableType() == VariableType.VARIABLE;
            if (weight && variable.getArr() != null) {
                weights.put(variable.name(), variable.getArr());
            }
        }
        return weights;
    }

    DataType type() {
        return whole.getVariable(cut).dataType();
    }

    /** Operations and what they read. */
    String description() {
        StringBuilder text = new StringBuilder();
        whole.getOps()
                .values()
                .forEach(op -> text.append(op.getOp().opName())
                        .append(inputsOf(op))
                        .append(op.getOutputsOfOp())
                        .append(';'));
        return text.toString();
    }

    @Override
    public List<String> inputs() {
        return inputs;
    }

    @Override
    public String output() {
        return output;
    }

    @Override
    public Early early(Memory memory, GraphBatch batch, ArrayPool pool, Place lifetime, Tap tap) {
        Check.argument(
                batch.features().size() == inputs.size(),
                "features must be one array for each of the graph's inputs %s, but are %s",
                inputs,
                batch.features().size());
        Map<String, INDArray> known = new HashMap<>();
        for (int i = 0; i < inputs.size(); i++) {
            known.put(inputs.get(i), batch.features().get(i));
        }
        Set<String> wanted = new LinkedHashSet<>(states);
        wanted.addAll(side);
        wanted.removeAll(known.keySet());
        Map<String, INDArray> computed =
                wanted.isEmpty() ? Map.of() : LateSameDiff.run(whole, known, List.copyOf(wanted));
        Map<String, INDArray> sideStates = new HashMap<>();
        for (int i = 0; i < states.size(); i++) {
            tap.take(i, state(states.get(i), known, computed));
        }
        for (String name : side) {
            INDArray state = state(name, known, computed);
            sideStates.put(name, computed.containsKey(name) && states.contains(name) ? state.dup() : state);
        }
        for (Map.Entry<String, INDArray> entry : computed.entrySet()) {
            if (!side.contains(entry.getKey()) && entry.getValue().closeable()) {
                entry.getValue().close();
            }
        }
        return new Early(sideStates, Map.of(), batch);
    }

    private static INDArray state(String name, Map<String, INDArray> known, Map<String, INDArray> computed) {
        return Objects.requireNonNull(known.containsKey(name) ? known.get(name) : computed.get(name), name);
    }

    private LateSameDiff copyOf(Memory memory) {
        return copies.computeIfAbsent(memory, key -> new LateSameDiff(whole, late, side, cut, output));
    }

    @Override
    public Late infer(Memory memory, Early early, ArrayPool pool, INDArray cutState) {
        return new Late(run(memory, early, cutState, pool), null);
    }

    private INDArray run(Memory memory, Early early, INDArray cutState, Place place) {
        if (late.isEmpty()) {
            return cutState;
        }
        INDArray computed = copyOf(memory).output(cutState, early.side());
        INDArray result = place.array(computed.shape());
        memory.ops().copy(computed, result);
        computed.close();
        return result;
    }

    @Override
    public LateStep forward(Memory memory, Early early, INDArray cutState) {
        INDArray result = run(memory, early, cutState, memory.step()::array);
        return new SameDiffStep(this, memory, early, cutState, result);
    }

    private record SameDiffStep(SameDiffGraph graph, Memory memory, Early early, INDArray cutState, INDArray output)
            implements LateStep {
        @Override
        public @Nullable INDArray outputMask() {
            return null;
        }

        @Override
        public void backward(INDArray gradOutput, INDArray gradCut) {
            if (graph.late.isEmpty()) {
                memory.ops().copy(gradOutput, gradCut);
                return;
            }
            INDArray gradient = graph.copyOf(memory).gradient(cutState, early.side(), gradOutput);
            memory.ops().copy(gradient, gradCut);
            gradient.close();
        }
    }
}
