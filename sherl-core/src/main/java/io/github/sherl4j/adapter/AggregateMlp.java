package io.github.sherl4j.adapter;

import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.LayerNorm;
import io.github.sherl4j.layer.LayerStep;
import io.github.sherl4j.layer.Linear;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.layer.Step;
import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.Memory;
import java.util.List;
import java.util.stream.Stream;
import org.nd4j.linalg.api.ndarray.INDArray;

/** {@code norm(outer(relu(inner(x))))} for each position. */
final class AggregateMlp {
    private final Linear inner;
    private final Linear outer;
    private final LayerNorm norm;

    AggregateMlp(Linear inner, Linear outer, LayerNorm norm) {
        this.inner = inner;
        this.outer = outer;
        this.norm = norm;
    }

    /** The input, and what is behind the relu, [positions, 2 width]. */
    record Kept(AggregateMlp layer, Context context, LayerStep inner, INDArray hidden, LayerStep outer, LayerStep norm)
            implements Step {
        /** @param gradResult [positions, width], overwritten; the result is another array of the scratch arena */
        INDArray backward(INDArray gradResult) {
            INDArray gradHidden = outer.backward(norm.backward(gradResult));
            context.memory().ops().reluGradient(hidden, gradHidden, gradHidden);
            return inner.backward(gradHidden);
        }
    }

    /** @param input [positions, width], not modified; the result in the same shape, overwritten */
    void infer(INDArray input, Context context, INDArray result) {
        Arena scratch = context.memory().scratch();
        try (Arena.Scope scope = scratch.scope()) {
            INDArray hidden = scratch.array(inner.outputShape(input.shape()));
            inner.infer(input, context, hidden);
            context.memory().ops().relu(hidden, hidden);
            outer.infer(hidden, context, result);
            norm.infer(result, context, result);
        }
    }

    /** @param input in the step arena, kept */
    Kept forward(INDArray input, Context context, INDArray result) {
        Memory memory = context.memory();
        INDArray hidden = memory.step().array(inner.outputShape(input.shape()));
        LayerStep innerStep = inner.forward(input, context, hidden);
        memory.ops().relu(hidden, hidden);
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray raw = memory.scratch().array(result.shape());
            LayerStep outerStep = outer.forward(hidden, context, raw);
            return new Kept(this, context, innerStep, hidden, outerStep, norm.forward(raw, context, result));
        }
    }

    List<Parameter> parameters() {
        return Stream.of(inner.parameters(), outer.parameters(), norm.parameters())
                .flatMap(List::stream)
                .toList();
    }
}
