package io.github.sherl4j.backbone.dl4j;

import io.github.sherl4j.data.GraphBatch;
import io.github.sherl4j.nd.Check;
import io.github.sherl4j.nd.Memory;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.WeakHashMap;
import org.deeplearning4j.nn.api.MaskState;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A network of layers and vertices, cut in two. Each memory has its own instances of them. */
final class LayerGraph implements CutNetwork {
    private final Blueprint blueprint;
    private final List<String> states;
    private final String cut;
    private final String output;
    private final List<Blueprint.Part> early;
    private final List<Blueprint.Part> late;
    private final Set<String> side = new HashSet<>();
    private final Map<Memory, Nodes> nodes = Collections.synchronizedMap(new WeakHashMap<>());

    /** The nodes of one memory. */
    private record Nodes(Map<String, Node> all, @Nullable BoundGraph graph) {
        Node of(Blueprint.Part part) {
            return Objects.requireNonNull(all.get(part.name()), part.name());
        }
    }

    /**
     * Cuts a network.
     *
     * @throws IllegalArgumentException if a name is unknown, the output does not follow the cut, a tap does, or gradients
     *     cannot be sent through a part behind the cut; all such parts are listed
     */
    LayerGraph(Blueprint blueprint, GraphCut graphCut) {
        this.blueprint = blueprint;
        this.states = graphCut.states();
        this.cut = graphCut.cut();
        this.output = graphCut.output().orElse(blueprint.output());
        graphCut.taps().forEach(tap -> blueprint.require("tap", tap));
        blueprint.require("cut", cut);
        blueprint.require("output", output);
        Set<String> following = following(cut);
        Set<String> leading = leadingTo(List.of(output));
        Check.argument(
                output.equals(cut) || following.contains(output), "output %s does not follow the cut %s", output, cut);
        for (String tap : graphCut.taps()) {
            Check.argument(!following.contains(tap), "tap %s follows the cut %s, so it cannot be tapped", tap, cut);
        }
        late = output.equals(cut)
                ? List.of()
                : blueprint.parts().values().stream()
                        .filter(part -> following.contains(part.name()) && leading.contains(part.name()))
                        .toList();
        refuse();
        for (Blueprint.Part part : late) {
            for (String input : part.inputs()) {
                if (!following.contains(input) && !input.equals(cut)) {
                    side.add(input);
                }
            }
        }
        List<String> needed = new ArrayList<>(states);
        needed.addAll(side);
        Set<String> before = leadingTo(needed);
        early = blueprint.parts().values().stream()
                .filter(part -> before.contains(part.name()))
                .toList();
    }

    private void refuse() {
        List<String> refused = late.stream()
                .filter(part -> part.refusal() != null)
                .map(part -> part.name() + ": " + part.refusal())
                .toList();
        Check.argument(refused.isEmpty(), "No gradient can be sent back to the cut %s through %s", cut, refused);
    }

    private Set<String> following(String name) {
        Set<String> found = new HashSet<>();
        for (Blueprint.Part part : blueprint.parts().values()) {
            if (part.inputs().stream().anyMatch(input -> input.equals(name) || found.contains(input))) {
                found.add(part.name());
            }
        }
        return found;
    }

    /** The names themselves and all that they depend on. */
    private Set<String> leadingTo(List<String> names) {
        Set<String> found = new HashSet<>(names);
        List<Blueprint.Part> parts = new ArrayList<>(blueprint.parts().values());
        Collections.reverse(parts);
        for (Blueprint.Part part : parts) {
            if (found.contains(part.name())) {
                found.addAll(part.inputs());
            }
        }
        return found;
    }

    private Nodes nodesOf(Memory memory) {
        return nodes.computeIfAbsent(memory, key -> {
            BoundGraph graph = blueprint.configuration() == null ? null : new BoundGraph(blueprint.configuration());
            Map<String, Node> all = new HashMap<>();
            early.forEach(part -> all.put(part.name(), part.maker().make(graph)));
            late.forEach(part -> all.put(part.name(), part.maker().make(graph)));
            return new Nodes(all, graph);
        });
    }

    private static void bind(Nodes own, GraphBatch batch) {
        if (own.graph != null) {
            own.graph.bind(batch);
        }
    }

    @Override
    public List<String> inputs() {
        return blueprint.inputs();
    }

    @Override
    public String output() {
        return output;
    }

    @Override
    public Early early(Memory memory, GraphBatch batch, ArrayPool pool, Place lifetime, Tap tap) {
        List<String> inputs = blueprint.inputs();
        Check.argument(
                batch.features().size() == inputs.size(),
                "features must be one array for each of the network's inputs %s, but are %s",
                inputs,
                batch.features().size());
        Nodes own = nodesOf(memory);
        bind(own, batch);
        Map<String, INDArray> sideStates = new HashMap<>();
        Map<String, Masked> masks = new HashMap<>();
        Readers alive = new Readers(early, pool);
        for (int i = 0; i < inputs.size(); i++) {
            INDArray features = fitting(memory, batch.features().get(i), pool);
            INDArray mask = batch.featureMasks().get(i).orElse(null);
            masks.put(inputs.get(i), new Masked(mask, MaskState.Active));
            computed(inputs.get(i), features, alive, sideStates, memory, lifetime, tap);
        }
        for (Blueprint.Part part : early) {
            Node node = own.of(part);
            Visit visit = new Visit(memory, batch.size(), alive.of(part), masksOf(part, masks));
            masks.put(part.name(), node.mask(visit));
            INDArray state = node.infer(visit, pool);
            computed(part.name(), state, alive, sideStates, memory, lifetime, tap);
            alive.wasRead(part);
        }
        return new Early(sideStates, masks, batch);
    }

    private void computed(
            String name,
            INDArray state,
            Readers alive,
            Map<String, INDArray> sideStates,
            Memory memory,
            Place lifetime,
            Tap tap) {
        int index = states.indexOf(name);
        if (index >= 0) {
            tap.take(index, state);
        }
        if (side.contains(name)) {
            INDArray copy = lifetime.array(state.shape());
            memory.ops().copy(state, copy);
            sideStates.put(name, copy);
        }
        alive.add(name, state);
    }

    /** Features in the network's type and in C order; indices stay as they are. */
    private INDArray fitting(Memory memory, INDArray features, ArrayPool pool) {
        boolean fits = !features.dataType().isFPType()
                || (features.dataType() == blueprint.type() && features.ordering() == 'c' && !features.isView());
        if (fits) {
            return features;
        }
        INDArray copy = pool.array(features.shape());
        memory.ops().copy(features, copy);
        return copy;
    }

    private static List<Masked> masksOf(Blueprint.Part part, Map<String, Masked> masks) {
        return part.inputs().stream()
                .map(input -> masks.getOrDefault(input, Masked.NONE))
                .toList();
    }

    @Override
    public Late infer(Memory memory, Early before, ArrayPool pool, INDArray cutState) {
        Nodes own = nodesOf(memory);
        bind(own, before.batch());
        Map<String, Masked> masks = new HashMap<>(before.masks());
        Readers alive = new Readers(late, pool);
        alive.keep(output);
        before.side().forEach(alive::add);
        alive.add(cut, cutState);
        for (Blueprint.Part part : late) {
            Node node = own.of(part);
            Visit visit = new Visit(memory, before.batch().size(), alive.of(part), masksOf(part, masks));
            masks.put(part.name(), node.mask(visit));
            alive.add(part.name(), node.infer(visit, pool));
            alive.wasRead(part);
        }
        return new Late(
                alive.of(output), masks.getOrDefault(output, Masked.NONE).mask());
    }

    @Override
    public LateStep forward(Memory memory, Early before, INDArray cutState) {
        Nodes own = nodesOf(memory);
        bind(own, before.batch());
        Map<String, Masked> masks = new HashMap<>(before.masks());
        List<KeptVisit> visits = new ArrayList<>();
        Set<String> kept = keptStates(own);
        INDArray last;
        try (var scope = memory.scratch().scope()) {
            ArrayPool pool = new ArrayPool(memory);
            Readers alive = new Readers(late, pool);
            alive.keep(output);
            before.side().forEach(alive::add);
            alive.add(cut, cutState);
            for (Blueprint.Part part : late) {
                Node node = own.of(part);
                Visit visit = new Visit(memory, before.batch().size(), alive.of(part), masksOf(part, masks));
                masks.put(part.name(), node.mask(visit));
                Place place = kept.contains(part.name()) ? memory.step()::array : pool;
                INDArray state = node.infer(visit, place);
                visits.add(new KeptVisit(
                        memory,
                        visit.batch(),
                        node.keepsInputs() ? visit.inputs() : List.of(),
                        visit.inputs().stream()
                                .map(input -> input.shape().clone())
                                .toList(),
                        visit.masks(),
                        node.keepsResult() ? state : null));
                alive.add(part.name(), state);
                alive.wasRead(part);
            }
            last = alive.of(output);
        }
        return new LayerStep(
                this,
                memory,
                before.batch(),
                visits,
                last,
                masks.getOrDefault(output, Masked.NONE).mask());
    }

    /** States behind the cut that some backward pass needs, and the output. */
    private Set<String> keptStates(Nodes own) {
        Set<String> kept = new HashSet<>();
        kept.add(output);
        for (Blueprint.Part part : late) {
            Node node = own.of(part);
            if (node.keepsInputs()) {
                kept.addAll(part.inputs());
            }
            if (node.keepsResult()) {
                kept.add(part.name());
            }
        }
        return kept;
    }

    private record LayerStep(
            LayerGraph graph,
            Memory memory,
            GraphBatch batch,
            List<KeptVisit> visits,
            INDArray output,
            @Nullable INDArray outputMask)
            implements LateStep {
        @Override
        public void backward(INDArray gradOutput, INDArray gradCut) {
            graph.backward(this, gradOutput, gradCut);
        }
    }

    private void backward(LayerStep step, INDArray gradOutput, INDArray gradCut) {
        Memory memory = step.memory;
        Nodes own = nodesOf(memory);
        bind(own, step.batch);
        try (var scope = memory.scratch().scope()) {
            ArrayPool pool = new ArrayPool(memory);
            Gradients gradients = new Gradients(memory, pool);
            gradients.add(output, gradOutput);
            for (int i = late.size() - 1; i >= 0; i--) {
                Blueprint.Part part = late.get(i);
                INDArray gradient = gradients.take(part.name());
                KeptVisit visit = step.visits.get(i);
                own.of(part).backward(visit, gradient, gradients.of(part, visit.inputShapes(), this::isLate));
                pool.release(gradient);
            }
            memory.ops().copy(gradients.take(cut), gradCut);
        }
    }

    private boolean isLate(String name) {
        return name.equals(cut) || late.stream().anyMatch(part -> part.name().equals(name));
    }
}
