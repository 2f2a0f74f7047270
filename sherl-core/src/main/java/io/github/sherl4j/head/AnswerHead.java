package io.github.sherl4j.head;

import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.Initialization;
import io.github.sherl4j.layer.LayerFactory;
import io.github.sherl4j.layer.LayerNorm;
import io.github.sherl4j.layer.LayerStep;
import io.github.sherl4j.layer.Linear;
import io.github.sherl4j.layer.Parameter;
import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.Check;
import io.github.sherl4j.nd.Gelu;
import io.github.sherl4j.nd.Memory;
import io.github.sherl4j.nd.Rng;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The answers of one task of visual question answering, as LXMERT and CLIP-ViL score them: with x the state of token 0,
 *
 * <pre>
 * logits = outer(norm(gelu(inner(pooler(x)))))        inner [2 width, width], outer [answers, 2 width]
 * </pre>
 *
 * <p>The pooler is one of the network's own weights and learns only where the network does; everything else is new for each task.
 */
public final class AnswerHead implements Head {
    private static final double EPS = 1e-12;

    private final Linear pooler;
    private final Linear inner;
    private final LayerNorm norm;
    private final Linear outer;
    private final long width;

    /**
     * A new head, weights normally distributed with deviation 0.02, biases 0.
     *
     * @param task its parameters' names start with {@code head.} and this name
     * @param pooler [width, width], of the network; not owned
     * @param answers number of answers
     * @param seed equal seeds give equal parameters
     */
    public AnswerHead(String task, Linear pooler, long answers, DataType type, long seed) {
        Check.argument(answers >= 2, "answers must be at least 2, but is %s", answers);
        this.pooler = pooler;
        this.width = pooler.outputShape(0)[0];
        try (Rng rng = new Rng(seed)) {
            LayerFactory make = new LayerFactory(type, rng, Initialization.NORMAL_002);
            String name = "head." + task;
            inner = make.linear(name + ".inner", width, 2 * width);
            norm = make.norm(name + ".norm", 2 * width, EPS);
            outer = make.linear(name + ".outer", 2 * width, answers);
        }
    }

    /**
     * The pooled token [batch, width], the state before GELU [batch, 2 width], that behind the norm; the first token's state only
     * where the pooler is trainable.
     */
    @SuppressWarnings("ArrayRecordComponent") // a shape that nobody modifies
    private record Kept(
            AnswerHead head,
            Context context,
            @Nullable INDArray first,
            INDArray pooled,
            INDArray preactivation,
            LayerStep norm,
            INDArray normed,
            long[] statesShape)
            implements HeadStep {
        @Override
        public void backwardToParameters(INDArray gradResult) {
            try (Arena.Scope scope = context.memory().scratch().scope()) {
                gradPooled(gradResult);
            }
        }

        @Override
        public INDArray backward(INDArray gradResult) {
            Memory memory = context.memory();
            INDArray gradStates = memory.scratch().array(statesShape);
            try (Arena.Scope scope = memory.scratch().scope()) {
                INDArray gradPooled = gradPooled(gradResult);
                head.pooler.addGradients(memory, first, gradPooled);
                INDArray gradFirst = memory.scratch().array(pooled.shape());
                head.pooler.inputGradient(memory, gradPooled, gradFirst, 0);
                memory.ops().zero(gradStates);
                memory.ops().copy(gradFirst, memory.firstToken(gradStates));
            }
            return gradStates;
        }

        /** Adds the gradients of the head's own parameters; the result is in the scratch arena. */
        private INDArray gradPooled(INDArray gradResult) {
            Memory memory = context.memory();
            INDArray gradPooled = memory.scratch().array(pooled.shape());
            INDArray gradHidden = memory.scratch().array(preactivation.shape());
            head.outer.addGradients(memory, normed, gradResult);
            head.outer.inputGradient(memory, gradResult, gradHidden, 0);
            gradHidden = norm.backward(gradHidden);
            Gelu.gradient(memory, preactivation, gradHidden);
            head.inner.addGradients(memory, pooled, gradHidden);
            head.inner.inputGradient(memory, gradHidden, gradPooled, 0);
            return gradPooled;
        }
    }

    /** Number of answers. */
    @Override
    public long outputWidth() {
        return outer.outputShape(0)[0];
    }

    /**
     * What the head makes its answers of: {@code pooler(x)}.
     *
     * @param states [batch, tokens, width], not modified
     * @param result [batch, width], overwritten
     */
    public void pool(INDArray states, Context context, INDArray result) {
        Memory memory = context.memory();
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray first = memory.scratch().array(states.size(0), width);
            memory.ops().copy(memory.firstToken(states), first);
            pooler.infer(first, context, result);
        }
    }

    /** As the interface says; the result are logits [batch, answers]. */
    @Override
    public void infer(INDArray states, Context context, INDArray logits) {
        Memory memory = context.memory();
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray pooled = memory.scratch().array(states.size(0), width);
            INDArray hidden = memory.scratch().array(states.size(0), 2 * width);
            pool(states, context, pooled);
            inner.infer(pooled, context, hidden);
            Gelu.apply(memory, hidden, hidden);
            norm.infer(hidden, context, hidden);
            outer.infer(hidden, context, logits);
        }
    }

    /** As the interface says; the result are logits [batch, answers]. */
    @Override
    public HeadStep forward(INDArray states, Context context, INDArray logits) {
        Memory memory = context.memory();
        boolean trainsPooler = pooler.parameters().stream().anyMatch(Parameter::trainable);
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray first = (trainsPooler ? memory.step() : memory.scratch()).array(states.size(0), width);
            INDArray pooled = memory.step().array(states.size(0), width);
            INDArray hidden = memory.step().array(states.size(0), 2 * width);
            INDArray normed = memory.step().array(states.size(0), 2 * width);
            INDArray active = memory.scratch().array(states.size(0), 2 * width);
            memory.ops().copy(memory.firstToken(states), first);
            pooler.infer(first, context, pooled);
            inner.infer(pooled, context, hidden);
            Gelu.apply(memory, hidden, active);
            LayerStep normStep = norm.forward(active, context, normed);
            outer.infer(normed, context, logits);
            return new Kept(
                    this,
                    context,
                    trainsPooler ? first : null,
                    pooled,
                    hidden,
                    normStep,
                    normed,
                    states.shape().clone());
        }
    }

    /** Those of this task; the pooler's are the network's. */
    @Override
    public List<Parameter> parameters() {
        return Stream.of(inner.parameters(), norm.parameters(), outer.parameters())
                .flatMap(List::stream)
                .toList();
    }
}
