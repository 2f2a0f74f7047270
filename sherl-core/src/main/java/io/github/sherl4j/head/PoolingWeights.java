package io.github.sherl4j.head;

import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.Gru;
import io.github.sherl4j.layer.LayerFactory;
import io.github.sherl4j.layer.LayerStep;
import io.github.sherl4j.layer.Linear;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.layer.Step;
import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.nd.Ops;
import io.github.sherl4j.nd.Softmax;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The learned weights of {@link GeneralizedPooling}: for a length n, the places 1 to n get
 *
 * <pre>
 * e_k = (sin(k f_0), cos(k f_0), sin(k f_1), ...), k from 0, f_i = 10000^(-2i / width)
 * h   = gru(e_1..e_n)                              the mean of both directions
 * w   = softmax(v . h / temperature)
 * </pre>
 *
 * <p>They depend on the length alone, so they are computed once for each length that occurs.
 */
final class PoolingWeights {
    private static final double WAVELENGTHS = 10000;
    /** Far enough below any score that its softmax is exactly 0. */
    private static final double PADDING_SCORE = 1e5;

    private final Gru gru;
    private final Linear linear;
    private final GeneralizedPooling.Options options;

    PoolingWeights(String name, GeneralizedPooling.Options options, LayerFactory make) {
        this.options = options;
        gru = make.gru(name + ".gru", options.positionWidth(), options.hidden());
        linear = make.projection(name + ".linear", options.hidden(), 1);
    }

    /**
     * What the backward pass needs.
     *
     * @param states [lengths, places, 2 * hidden]
     * @param weights [lengths, places], 0 behind each length
     */
    record Kept(PoolingWeights layer, Memory memory, LayerStep gru, INDArray states, INDArray weights) implements Step {
        /**
         * Adds the parameters' gradients.
         *
         * @param gradWeights [lengths, places], overwritten
         */
        void backward(INDArray gradWeights) {
            layer.backward(this, gradWeights);
        }
    }

    /**
     * Computes the weights and keeps what the backward pass needs.
     *
     * @param lengths ascending, without repetition
     */
    Kept forward(Memory memory, int[] lengths) {
        long places = lengths[lengths.length - 1];
        Arena step = memory.step();
        INDArray positions = step.array(lengths.length, places, options.positionWidth());
        INDArray mask = step.array(lengths.length, places);
        INDArray states = step.array(gru.outputShape(positions.shape()));
        INDArray weights = step.array(mask.shape());
        Context context = prepare(memory, lengths, positions, mask);
        LayerStep gruStep = gru.forward(positions, context, states);
        weigh(context, mask, states, weights);
        return new Kept(this, memory, gruStep, states, weights);
    }

    /**
     * Computes and keeps nothing.
     *
     * @param weights [lengths, places], overwritten
     */
    void infer(Memory memory, int[] lengths, INDArray weights) {
        Arena scratch = memory.scratch();
        try (Arena.Scope scope = scratch.scope()) {
            INDArray positions = scratch.array(lengths.length, weights.size(1), options.positionWidth());
            INDArray mask = scratch.array(weights.shape());
            INDArray states = scratch.array(gru.outputShape(positions.shape()));
            Context context = prepare(memory, lengths, positions, mask);
            gru.infer(positions, context, states);
            weigh(context, mask, states, weights);
        }
    }

    private Context prepare(Memory memory, int[] lengths, INDArray positions, INDArray mask) {
        long places = mask.size(1);
        INDArray once = memory.hostArray(places * options.positionWidth());
        for (int i = 0; i < once.length(); i++) {
            once.data().put(i, position(i / options.positionWidth(), i % options.positionWidth()));
        }
        INDArray rows = memory.reshape(positions, lengths.length, once.length());
        memory.ops().zero(rows);
        memory.ops().addRow(rows, once, rows);
        INDArray hostMask = memory.hostArray(mask.shape());
        for (int i = 0; i < hostMask.length(); i++) {
            hostMask.data().put(i, i % places < lengths[(int) (i / places)] ? 1.0 : 0.0);
        }
        memory.ops().copy(hostMask, mask);
        return new Context(memory, mask, null, OptionalLong.empty());
    }

    private double position(int place, int feature) {
        int even = feature - feature % 2; // a sine and the cosine behind it share a frequency
        double frequency = Math.pow(WAVELENGTHS, -(double) even / options.positionWidth());
        return feature % 2 == 0 ? Math.sin(place * frequency) : Math.cos(place * frequency);
    }

    private void weigh(Context context, INDArray mask, INDArray states, INDArray weights) {
        Memory memory = context.memory();
        Ops ops = memory.ops();
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray padding = memory.scratch().array(mask.shape());
            INDArray scores = memory.scratch().array(mask.length(), 2); // of each direction
            linear.infer(byDirection(memory, states), context, memory.reshape(scores, 2 * mask.length(), 1));
            ops.meanRows(scores, memory.reshape(weights, mask.length(), 1));
            ops.multiply(weights, 1 / options.temperature(), weights);
            ops.add(mask, -1, padding);
            ops.multiply(padding, PADDING_SCORE, padding);
            ops.add(weights, padding, weights);
            ops.softmax(weights, weights);
        }
    }

    private void backward(Kept kept, INDArray gradWeights) {
        Memory memory = kept.memory;
        Ops ops = memory.ops();
        Softmax.gradient(memory, kept.weights, gradWeights);
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray gradScores = memory.scratch().array(gradWeights.length(), 2);
            INDArray gradStates = memory.scratch().array(kept.states.shape());
            ops.multiply(gradWeights, 0.5 / options.temperature(), gradWeights);
            ops.zero(gradScores);
            ops.add(gradScores, memory.reshape(gradWeights, gradWeights.length(), 1), gradScores);
            INDArray rows = memory.reshape(gradScores, gradScores.length(), 1);
            linear.addGradients(memory, byDirection(memory, kept.states), rows);
            linear.inputGradient(memory, rows, byDirection(memory, gradStates), 0);
            kept.gru.backward(gradStates);
        }
    }

    /** [lengths, places, 2 * hidden] as [lengths * places * 2, hidden]. */
    private INDArray byDirection(Memory memory, INDArray states) {
        return memory.reshape(states, states.length() / options.hidden(), options.hidden());
    }

    List<Parameter> parameters() {
        return Stream.concat(gru.parameters().stream(), linear.parameters().stream())
                .toList();
    }
}
