package io.github.sherl4j.backbone.clip;

import io.github.sherl4j.layer.Context;
import io.github.sherl4j.layer.LayerNorm;
import io.github.sherl4j.layer.LayerStep;
import io.github.sherl4j.layer.Linear;
import io.github.sherl4j.nd.Arena;
import io.github.sherl4j.nd.Memory;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What CLIP says of a sample: one token of its last state, through the last norm and the projection. */
final class ClipFeature {
    private final LayerNorm norm;
    private final Linear projection;

    ClipFeature(LayerNorm norm, Linear projection) {
        this.norm = norm;
        this.projection = projection;
    }

    /** Which token stands for each sample, and the way back. */
    interface TokenChoice {
        /**
         * Takes the token of each sample.
         *
         * @param state [batch, tokens, width], not modified
         * @param tokens [batch, width], overwritten
         */
        void take(INDArray state, INDArray tokens);

        /**
         * The gradient of {@link #take}.
         *
         * @param gradTokens [batch, width], not modified
         * @param gradState [batch, tokens, width], overwritten
         */
        void spread(INDArray gradTokens, INDArray gradState);
    }

    @SuppressWarnings("ArrayRecordComponent") // a shape that nobody modifies
    private record Kept(Context context, TokenChoice choice, long[] stateShape, LayerStep norm, LayerStep projection)
            implements LayerStep {
        @Override
        public INDArray backward(INDArray gradFeature) {
            INDArray gradState = context.memory().scratch().array(stateShape);
            try (Arena.Scope scope = context.memory().scratch().scope()) {
                choice.spread(norm.backward(projection.backward(gradFeature)), gradState);
            }
            return gradState;
        }
    }

    void infer(INDArray state, Context context, TokenChoice choice, INDArray result) {
        Memory memory = context.memory();
        try (Arena.Scope scope = memory.scratch().scope()) {
            INDArray token = memory.scratch().array(state.size(0), state.size(2));
            choice.take(state, token);
            norm.infer(token, context, token);
            projection.infer(token, context, result);
        }
    }

    LayerStep forward(INDArray state, Context context, TokenChoice choice, INDArray result) {
        INDArray token = context.memory().step().array(state.size(0), state.size(2));
        choice.take(state, token);
        LayerStep normStep = norm.forward(token, context, token);
        return new Kept(context, choice, state.shape().clone(), normStep, projection.forward(token, context, result));
    }
}
