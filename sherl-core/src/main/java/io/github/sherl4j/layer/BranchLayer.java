package io.github.sherl4j.layer;

import io.github.sherl4j.nd.Arena;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A layer on the branch of a {@link Residual}: input and result have the same shape. */
public interface BranchLayer extends Layer {
    /** Whether a forward pass keeps its input, since a weight is trainable. */
    boolean keepsInput();

    /**
     * Starts the computation of sequences token by token.
     *
     * @param lifetime where keys and values of earlier tokens and of the source are kept
     * @param context with the source, if the layer reads one
     * @param batch number of sequences
     * @param maxTokens the most tokens that a sequence will have
     * @return by default the layer itself, which is right where a token's result hangs on that token alone
     */
    default Stepwise stepwise(Arena lifetime, Context context, long batch, long maxTokens) {
        return this::infer;
    }

    /** A layer in the middle of sequences. */
    @FunctionalInterface
    interface Stepwise {
        /**
         * Computes the next token of each sequence, and keeps what later tokens need of it.
         *
         * @param input [batch, 1, width], not modified
         * @param context with the position bias [1, heads, 1, tokens so far] of this token
         * @param result [batch, 1, width], overwritten
         */
        void next(INDArray input, Context context, INDArray result);
    }
}
